/* The least that a processor can do for the job: LANES trajectories advance together, each by the same number of
   jumps. A jump draws its waiting time and, by Walker's alias method, its way out of the state, and books time, heat,
   work and entropy flow. No trajectory ends at a time of its own, no draw belongs to a trajectory, nothing is looked at on the way. */

#include <stdint.h>
#include <string.h>

enum { LANES = 256 };

typedef struct {
    double keep, heat, drive, flow;
    int32_t step, target;
} Jump;

static inline uint64_t rotated(uint64_t x, int k) { return (x << k) | (x >> (64 - k)); }

/* in [1, 2) from the upper 52 bits */
static inline double from_bits(uint64_t bits) {
    bits = (bits >> 12) | 0x3ff0000000000000u;
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* -ln x, 0 < x <= 1: x = m 2^k, ln m = 2 artanh((m - 1) / (m + 1)) by its series, |(m - 1) / (m + 1)| < 0.172 */
static inline double minus_log(double x) {
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    uint64_t shifted = bits + (0x3ff0000000000000u - 0x3fe6a09e667f3bcdu);
    double k = (double)((int32_t)(shifted >> 52) - 1023);
    bits = (shifted & 0x000fffffffffffffu) + 0x3fe6a09e667f3bcdu;
    double m;
    memcpy(&m, &bits, sizeof m);
    double s = (m - 1.0) / (m + 1.0), z = s * s;
    double series = 1.0 / 21;
    series = series * z + 1.0 / 19;
    series = series * z + 1.0 / 17;
    series = series * z + 1.0 / 15;
    series = series * z + 1.0 / 13;
    series = series * z + 1.0 / 11;
    series = series * z + 1.0 / 9;
    series = series * z + 1.0 / 7;
    series = series * z + 1.0 / 5;
    series = series * z + 1.0 / 3;
    series = series * z + 1.0;
    return -(k * 0.6931471805599453 + 2.0 * s * series);
}

/* state, time, heat, work, flow: (blocks, LANES); random: (4, LANES), xoshiro256++ of each lane */
void lockstep(int64_t blocks, int64_t jumps, const int32_t *restrict first, const double *restrict degree,
              const double *restrict wait, const Jump *restrict edge, uint64_t *restrict random,
              int32_t *restrict state, double *restrict time, double *restrict heat, double *restrict work,
              double *restrict flow) {
    uint64_t *restrict a = random, *restrict b = a + LANES, *restrict c = b + LANES, *restrict d = c + LANES;
    double waiting[LANES], choice[LANES];
    for (int64_t block = 0; block < blocks; block++) {
        for (int64_t jump = 0; jump < jumps; jump++) {
            for (int l = 0; l < LANES; l++) {
                uint64_t word[2];
                for (int i = 0; i < 2; i++) {
                    word[i] = rotated(a[l] + d[l], 23) + a[l];
                    uint64_t t = b[l] << 17;
                    c[l] ^= a[l];
                    d[l] ^= b[l];
                    b[l] ^= c[l];
                    a[l] ^= d[l];
                    c[l] ^= t;
                    d[l] = rotated(d[l], 45);
                }
                waiting[l] = minus_log(2.0 - from_bits(word[0]));
                choice[l] = from_bits(word[1]) - 1.0;
            }
            for (int l = 0; l < LANES; l++) {
                int32_t x = state[l];
                double spot = choice[l] * degree[x];
                int32_t slot = (int32_t)spot, e = first[x] + slot;
                e += spot - slot < edge[e].keep ? 0 : edge[e].step;
                time[l] += waiting[l] * wait[x];
                heat[l] += edge[e].heat;
                work[l] += edge[e].drive;
                flow[l] += edge[e].flow;
                state[l] = edge[e].target;
            }
        }
        state += LANES, time += LANES, heat += LANES, work += LANES, flow += LANES;
    }
}

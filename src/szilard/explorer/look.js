"use strict";
location.replace("?look=" + (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light"));

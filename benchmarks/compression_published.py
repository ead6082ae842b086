"""Ratios that the research report measured for log compressors, on the first 16,000,000 bytes.

They need builds from source that no package index has, so `benchmarks.compression` repeats
the report's figures for the same files (shared/research/compression.md, section 4). ``LOSSY``
names those that did not give the file back to the byte. DeLog is of January 2026; "logzip
(reference)" is the public code of the paper, level 3, its decoder mended in one line.
"""

from __future__ import annotations

PUBLISHED = {
    "spark": {
        "7z-ppmd": 36.2,
        "LogLite-BZ": 20.5,
        "LogLite-BL": 27.8,
        "logzip (reference)": 23.1,
        "LogReducer": 77.9,
        "LogShrink": 100.0,
        "Denum": 64.9,
        "DeLog": 70.4,
    },
    "postgres": {
        "7z-ppmd": 23.7,
        "LogLite-BZ": 9.3,
        "LogLite-BL": 13.1,
        "logzip (reference)": 17.5,
        "LogReducer": 39.8,
        "LogShrink": 40.0,
        "Denum": 48.6,
        "DeLog": 45.1,
    },
    "nginx_access": {
        "7z-ppmd": 36.6,
        "LogLite-BZ": 8.1,
        "LogLite-BL": 12.6,
        "logzip (reference)": 4.2,
        "LogReducer": 27.0,
        "LogShrink": 33.9,
        "Denum": 37.9,
        "DeLog": 39.1,
    },
    "syslog": {
        "7z-ppmd": 31.1,
        "LogLite-BZ": 12.9,
        "LogLite-BL": 17.3,
        "logzip (reference)": 11.8,
        "LogReducer": 38.4,
        "LogShrink": 44.7,
        "Denum": 35.3,
        "DeLog": 52.9,
    },
    "django": {
        "7z-ppmd": 17.1,
        "LogLite-BZ": 7.1,
        "LogLite-BL": 9.5,
        "logzip (reference)": 5.6,
        "LogReducer": 27.0,
        "LogShrink": 29.6,
        "Denum": 27.4,
        "DeLog": 30.8,
    },
    "loghub_Linux": {
        "7z-ppmd": 19.2,
        "LogLite-BZ": 9.1,
        "LogLite-BL": 11.2,
        "logzip (reference)": 9.7,
        "LogReducer": 23.7,
        "LogShrink": 29.4,
        "Denum": 30.7,
        "DeLog": 24.0,
    },
    "elastic_apache": {
        "7z-ppmd": 24.0,
        "LogLite-BZ": 5.7,
        "LogLite-BL": 7.3,
        "LogReducer": 12.1,
        "LogShrink": 18.6,
        "Denum": 17.5,
        "DeLog": 16.8,
    },
    "alibaba_LogD": {
        "7z-ppmd": 5.9,
        "LogLite-BZ": 3.2,
        "LogLite-BL": 4.0,
        "LogReducer": 9.3,
        "LogShrink": 9.3,
        "Denum": 5.8,
        "DeLog": 6.2,
    },
    "alibaba_LogJ": {
        "7z-ppmd": 3.4,
        "LogLite-BZ": 2.0,
        "LogLite-BL": 2.3,
        "LogReducer": 3.5,
        "LogShrink": 3.7,
        "Denum": 3.1,
        "DeLog": 3.4,
    },
    "alibaba_LogQ": {
        "7z-ppmd": 6.0,
        "LogLite-BZ": 3.7,
        "LogLite-BL": 4.2,
        "LogReducer": 6.5,
        "LogShrink": 6.8,
        "Denum": 5.5,
        "DeLog": 6.6,
    },
}
LOSSY = {
    "spark": ("logzip (reference)", "LogReducer", "LogShrink", "Denum"),
    "postgres": ("logzip (reference)", "LogReducer", "LogShrink", "Denum"),
    "nginx_access": ("logzip (reference)", "LogReducer", "LogShrink", "Denum"),
    "syslog": ("logzip (reference)", "LogReducer", "LogShrink", "Denum"),
    "django": ("logzip (reference)", "LogReducer", "LogShrink", "Denum"),
    "loghub_Linux": ("logzip (reference)", "LogReducer", "LogShrink", "Denum", "DeLog"),
    "elastic_apache": ("LogReducer", "LogShrink", "Denum"),
    "alibaba_LogD": ("LogReducer", "LogShrink", "Denum"),
    "alibaba_LogJ": ("LogReducer", "LogShrink", "Denum"),
    "alibaba_LogQ": ("LogShrink", "Denum"),
}

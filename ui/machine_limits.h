/*
 * Limits of memory and disk: what the options say, or else a share of what the machine has.
 */
#pragma once

#include "ui/options.h"

/* Of the model and of what reads the input. */
Limits machine_limits(const Options *options);

/* Bytes of temporary files; 0: no limit. */
uint64_t machine_disk_limit(const Options *options);

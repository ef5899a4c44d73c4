/*
 * Configuration: the user's settings, overridden for this run by the command line; and
 * the limits of the run.
 */
#pragma once

#include "ui/options.h"
#include "ui/view/config/config.h"

/* The file of --config, the usual one, or none; a line for each fault is appended to `complaints`
 * (char *).  What the command line overrides is not written back. */
Config *configuration_load(const Options *options, GPtrArray *complaints);

/* All of it as a file (-D); its theme and keys are checked, too. */
void configuration_dump(const Options *options, GString *to, GPtrArray *complaints);

/* The keys as they are configured (rung help keys). */
void configuration_append_keys(const Options *options, GString *to, GPtrArray *complaints);

typedef void (*ConfigurationAppend)(const Options *options, GString *to, GPtrArray *complaints);

/* Prints one of these; faults go to stderr and make it fail, so that scripts can check a file. */
ExitStatus configuration_print(const Options *options, ConfigurationAppend append);

/* --- limits of memory and disk: what the options say, or else a share of what there is --- */

/* Of the model and of what reads the input. */
Limits machine_limits(const Options *options);

/* The lowest limit of the control group of a process and of those that it is in (cgroup v2):
 * `groups` as in /proc/PID/cgroup, `root` where their tree is mounted.  UINT64_MAX: none. */
uint64_t cgroup_memory(const char *root, const char *groups);

/* Where the kernel holds packets of an interface until they are read: a 64th of the memory, shared
 * by all of them. */
uint32_t machine_capture_buffer(const Options *options);

/* Bytes of temporary files; 0: no limit. */
uint64_t machine_disk_limit(const Options *options);

/*
 * Module: a part of the program that is loaded when it is needed, because it brings a library that
 * few runs need.  These libraries and those they need in turn take longer to load than a small
 * capture takes to read.
 *
 * A module is a shared object that exports one const record, MODULE_RECORD, whose type its user
 * knows.  It is looked for in the run path of the program first (LIBDIR/rung/VERSION), and stays
 * loaded.
 * What confine_process refuses must be loaded before.
 */
#pragma once

/* Defines the record of a module. */
#define MODULE_EXPORT(Type)                                                                        \
  extern const Type MODULE_RECORD;                                                                 \
  __attribute__((visibility("default"))) const Type MODULE_RECORD

/* Its record: "curl" is that of rung-curl.so.  NULL: it is not installed. */
const void *module_load(const char *name);

/*
 * The one error domain: what the world did to us (files, devices, filters) or the user got
 * wrong.  The message says what was tried, on which name, and how to mend it where that is known.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

typedef enum {
  APP_ERROR_USAGE,     /* the command line or an expression is wrong: exit status 2 */
  APP_ERROR_RIGHTS,    /* the user may not capture */
  APP_ERROR_IO,        /* a file or device could not be opened, read or written */
  APP_ERROR_AWAY,      /* a server cannot be reached, or is not able to answer now */
  APP_ERROR_FORMAT,    /* a file is not a capture */
  APP_ERROR_TRUNCATED, /* a capture ends or breaks in the middle; what came before was read */
} AppErrorCode;

#define APP_ERROR (app_error_quark())
GQuark app_error_quark(void);

/* Sets an APP_ERROR_USAGE, whose text it translates, and returns false. */
bool app_fail_usage(GError **error, const char *format, ...) G_GNUC_PRINTF(2, 3);

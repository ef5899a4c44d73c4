#include "capture/error.h"

#include "capture/language.h"

G_DEFINE_QUARK(app_error, app_error)

bool app_fail_usage(GError **error, const char *format, ...)
{
  va_list arguments;

  va_start(arguments, format);
  if (error)
    *error = g_error_new_valist(APP_ERROR, APP_ERROR_USAGE, translate(format), arguments);
  va_end(arguments);
  return false;
}

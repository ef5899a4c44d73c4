#include "capture/error.h"

G_DEFINE_QUARK(app_error, app_error)

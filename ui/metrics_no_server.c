/* Without libmicrohttpd. */
#include "ui/metrics_server.h"

#include "capture/error.h"

bool metrics_server_is_there(void)
{
  return false;
}

MetricsServer *metrics_server_open(const char *address, GError **error)
{
  (void) address;
  app_fail_usage(error, "--metrics: this rung was built without libmicrohttpd");
  return NULL;
}

void metrics_server_free(MetricsServer *server)
{
  (void) server;
}

bool metrics_server_start(MetricsServer *server, GError **error)
{
  (void) server;
  (void) error;
  g_assert_not_reached();
}

void metrics_server_publish(MetricsServer *server, GString *text)
{
  (void) server;
  (void) text;
}

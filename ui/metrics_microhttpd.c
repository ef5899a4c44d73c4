/* Through libmicrohttpd. */
#include <stdbool.h>
#include <string.h>

#include <microhttpd.h>

#include "capture/module.h"
#include "ui/metrics_driver.h"

enum { CONNECTIONS_MAX = 32, CONNECTIONS_OF_HOST_MAX = 16, TIMEOUT_S = 10, MEMORY_MAX = 16 * 1024 };

static void free_text(void *text)
{
  g_bytes_unref(text);
}

/* The text is held until all of it is sent. */
static struct MHD_Response *metrics_response(const MetricsText *source)
{
  GBytes *text = source->take_text(source->data);
  struct MHD_Response *response = MHD_create_response_from_buffer_with_free_callback_cls(
    g_bytes_get_size(text), (void *) (uintptr_t) g_bytes_get_data(text, NULL), free_text, text);

  if (!response) {
    g_bytes_unref(text);
    return NULL;
  }
  MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE,
                          "text/plain; version=0.0.4; charset=utf-8");
  return response;
}

static struct MHD_Response *plain_response(const char *text)
{
  return MHD_create_response_from_buffer(strlen(text), (void *) (uintptr_t) text,
                                         MHD_RESPMEM_PERSISTENT);
}

/* Called twice for each request: first with its headers alone, where *state is NULL. */
static enum MHD_Result answer(void *data, struct MHD_Connection *connection, const char *url,
                              const char *method, const char *version, const char *body,
                              size_t *body_len, void **state)
{
  static const char SEEN;
  bool is_get = strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0;
  bool is_metrics = strcmp(url, "/metrics") == 0;
  unsigned status = !is_get ? MHD_HTTP_METHOD_NOT_ALLOWED : MHD_HTTP_NOT_FOUND;

  (void) version;
  (void) body;
  if (!*state) {
    *state = (void *) (uintptr_t) &SEEN;
    return MHD_YES;
  }
  if (*body_len > 0)
    return MHD_NO;
  struct MHD_Response *response =
    is_get && is_metrics ? metrics_response(data) : plain_response("rung: see /metrics\n");
  if (!response)
    return MHD_NO;
  enum MHD_Result result =
    MHD_queue_response(connection, is_get && is_metrics ? MHD_HTTP_OK : status, response);
  MHD_destroy_response(response);
  return result;
}

static void *start(int fd, const MetricsText *text)
{
  return MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_ITC, 0, NULL, NULL, answer,
                          (void *) (uintptr_t) text, MHD_OPTION_LISTEN_SOCKET, fd,
                          MHD_OPTION_CONNECTION_LIMIT, (unsigned) CONNECTIONS_MAX,
                          MHD_OPTION_PER_IP_CONNECTION_LIMIT, (unsigned) CONNECTIONS_OF_HOST_MAX,
                          MHD_OPTION_CONNECTION_TIMEOUT, (unsigned) TIMEOUT_S,
                          MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t) MEMORY_MAX, MHD_OPTION_END);
}

static void stop(void *daemon)
{
  MHD_stop_daemon(daemon);
}

MODULE_EXPORT(MetricsDriver) = {start, stop};

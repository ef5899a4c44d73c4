#include "ui/metrics_server.h"

#include <errno.h>
#include <netdb.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <microhttpd.h>

#include "capture/error.h"
#include "capture/language.h"

enum { CONNECTIONS_MAX = 32, CONNECTIONS_OF_HOST_MAX = 16, TIMEOUT_S = 10, MEMORY_MAX = 16 * 1024 };

struct MetricsServer {
  char *address; /* as it was named */
  int fd;        /* of the daemon, once there is one */
  struct MHD_Daemon *daemon;
  GMutex mutex; /* of the text alone */
  GBytes *text;
};

bool metrics_server_is_there(void)
{
  return true;
}

/* --- The socket ------------------------------------------------------------------------------- */

/* "HOST:PORT"; without a host, that of the loopback. */
static bool split_address(const char *address, char **ret_host, char **ret_port, GError **error)
{
  const char *colon = strrchr(address, ':'), *port = colon ? colon + 1 : address;
  size_t len = colon ? (size_t) (colon - address) : 0;
  bool is_bracketed = len > 2 && address[0] == '[' && address[len - 1] == ']';

  if (!g_ascii_string_to_unsigned(port, 10, 1, G_MAXUINT16, NULL, NULL) ||
      (!is_bracketed && memchr(address, ':', len)))
    return app_fail_usage(error, "--metrics needs HOST:PORT, not '%s'", address);
  if (is_bracketed)
    *ret_host = g_strndup(address + 1, len - 2);
  else
    *ret_host = len > 0 ? g_strndup(address, len) : g_strdup("127.0.0.1");
  *ret_port = g_strdup(port);
  return true;
}

static int open_socket(const struct addrinfo *info)
{
  int fd = socket(info->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;

  if (fd < 0)
    return -1;
  if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
      bind(fd, info->ai_addr, info->ai_addrlen) == 0 && listen(fd, CONNECTIONS_MAX) == 0)
    return fd;
  int fault = errno;
  close(fd);
  errno = fault;
  return -1;
}

static int listen_at(const char *address, GError **error)
{
  const struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE};
  g_autofree char *host = NULL, *port = NULL;
  struct addrinfo *found = NULL;
  int fd = -1;

  if (!split_address(address, &host, &port, error))
    return -1;
  int fault = getaddrinfo(host, port, &hints, &found);
  if (fault == 0)
    fd = open_socket(found);
  if (fd < 0)
    g_set_error(error, APP_ERROR, APP_ERROR_IO, _("--metrics: cannot listen at %s: %s"), address,
                fault != 0 ? gai_strerror(fault) : g_strerror(errno));
  if (found)
    freeaddrinfo(found);
  return fd;
}

MetricsServer *metrics_server_open(const char *address, GError **error)
{
  int fd = listen_at(address, error);

  if (fd < 0)
    return NULL;
  MetricsServer *server = g_new0(MetricsServer, 1);
  server->address = g_strdup(address);
  server->fd = fd;
  server->text = g_bytes_new(NULL, 0);
  g_mutex_init(&server->mutex);
  return server;
}

void metrics_server_free(MetricsServer *server)
{
  if (!server)
    return;
  if (server->daemon)
    MHD_stop_daemon(server->daemon); /* which closes the socket */
  else
    close(server->fd);
  g_bytes_unref(server->text);
  g_mutex_clear(&server->mutex);
  g_free(server->address);
  g_free(server);
}

/* --- Answers ---------------------------------------------------------------------------------- */

void metrics_server_publish(MetricsServer *server, GString *text)
{
  GBytes *bytes = g_bytes_new(text->str, text->len);

  g_string_truncate(text, 0);
  g_mutex_lock(&server->mutex);
  GBytes *old = server->text;
  server->text = bytes;
  g_mutex_unlock(&server->mutex);
  g_bytes_unref(old);
}

static GBytes *take_text(MetricsServer *server)
{
  g_mutex_lock(&server->mutex);
  GBytes *text = g_bytes_ref(server->text);
  g_mutex_unlock(&server->mutex);
  return text;
}

static void free_text(void *text)
{
  g_bytes_unref(text);
}

/* The text is held until all of it is sent. */
static struct MHD_Response *metrics_response(MetricsServer *server)
{
  GBytes *text = take_text(server);
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

bool metrics_server_start(MetricsServer *server, GError **error)
{
  server->daemon = MHD_start_daemon(
    MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_ITC, 0, NULL, NULL, answer, server,
    MHD_OPTION_LISTEN_SOCKET, server->fd, MHD_OPTION_CONNECTION_LIMIT, (unsigned) CONNECTIONS_MAX,
    MHD_OPTION_PER_IP_CONNECTION_LIMIT, (unsigned) CONNECTIONS_OF_HOST_MAX,
    MHD_OPTION_CONNECTION_TIMEOUT, (unsigned) TIMEOUT_S, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
    (size_t) MEMORY_MAX, MHD_OPTION_END);
  if (!server->daemon)
    g_set_error(error, APP_ERROR, APP_ERROR_IO, _("--metrics: cannot answer at %s: %s"),
                server->address, g_strerror(errno));
  return server->daemon != NULL;
}

#include "ui/metrics_server.h"

#include <errno.h>
#include <netdb.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "capture/error.h"
#include "capture/language.h"
#include "capture/module.h"
#include "ui/metrics_driver.h"

enum { BACKLOG = 32 };

struct MetricsServer {
  char *address; /* as it was named */
  int fd;        /* of the daemon, once there is one */
  const MetricsDriver *driver;
  MetricsText source;
  void *daemon;
  GMutex mutex; /* of the text alone */
  GBytes *text;
};

static const MetricsDriver *load(void)
{
  return module_load("microhttpd");
}

bool metrics_server_is_there(void)
{
  return load() != NULL;
}

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
      bind(fd, info->ai_addr, info->ai_addrlen) == 0 && listen(fd, BACKLOG) == 0)
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

static GBytes *take_text(void *data)
{
  MetricsServer *server = data;

  g_mutex_lock(&server->mutex);
  GBytes *text = g_bytes_ref(server->text);
  g_mutex_unlock(&server->mutex);
  return text;
}

MetricsServer *metrics_server_open(const char *address, GError **error)
{
  const MetricsDriver *driver = load();

  if (!driver) {
    app_fail_usage(error, "--metrics: this rung was built without libmicrohttpd");
    return NULL;
  }
  int fd = listen_at(address, error);
  if (fd < 0)
    return NULL;
  MetricsServer *server = g_new0(MetricsServer, 1);
  server->driver = driver;
  server->source = (MetricsText){take_text, server};
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
    server->driver->stop(server->daemon); /* which closes the socket */
  else
    close(server->fd);
  g_bytes_unref(server->text);
  g_mutex_clear(&server->mutex);
  g_free(server->address);
  g_free(server);
}

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

bool metrics_server_start(MetricsServer *server, GError **error)
{
  server->daemon = server->driver->start(server->fd, &server->source);
  if (!server->daemon)
    g_set_error(error, APP_ERROR, APP_ERROR_IO, _("--metrics: cannot answer at %s: %s"),
                server->address, g_strerror(errno));
  return server->daemon != NULL;
}

/*
 * MetricsServer: answers GET /metrics with the text that was published last (--metrics).
 *
 * A thread of libmicrohttpd answers; it sees nothing but that text, which it holds while it sends
 * it.  The number of connections, their time and their memory are bounded.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

typedef struct MetricsServer MetricsServer;

/* Was rung built with libmicrohttpd? */
bool metrics_server_is_there(void);

/* Opens the socket: "127.0.0.1:9090", "[::1]:9090", ":9090" or "9090"; without a host, the loopback
 * address. */
MetricsServer *metrics_server_open(const char *address, GError **error);
void metrics_server_free(MetricsServer *server);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MetricsServer, metrics_server_free)

/* Starts the thread that answers; after rights were given up. */
G_GNUC_WARN_UNUSED_RESULT bool metrics_server_start(MetricsServer *server, GError **error);

/* Takes the text over, and empties it. */
void metrics_server_publish(MetricsServer *server, GString *text);

/* Where HEP is received and sent: "udp:HOST:PORT", "tcp:[::1]:9060", "tls:HOST:PORT". */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <sys/socket.h>

typedef struct {
  bool is_stream, is_tls; /* TLS is a stream */
  char *host;             /* owned */
  struct sockaddr_storage address;
  socklen_t len;
} HepAddress;

/* Looks the host up; an empty one is any address of this machine, which only a listener may have.
 * `option` is for messages. */
bool hep_address_find(const char *text, const char *option, bool is_listener,
                      HepAddress *ret_address, GError **error);

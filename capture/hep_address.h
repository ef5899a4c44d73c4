/* Where HEP is received and sent: "udp:HOST:PORT", "tcp:[::1]:9060". */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <sys/socket.h>

/* Looks the host up; an empty one is any address of this machine, which only a listener may have.
 * `option` is for messages. */
bool hep_address_find(const char *text, const char *option, bool is_listener, bool *ret_is_stream,
                      struct sockaddr_storage *ret_address, socklen_t *ret_len, GError **error);

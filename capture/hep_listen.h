/*
 * HepListen: receives what SIP servers copy as HEP (https://github.com/sipcapture/HEP), over UDP,
 * TCP or TLS.
 *
 * It gives packets as they would have been captured: headers of IP and UDP around one HEP message,
 * whatever carried it, so that they are decoded and saved as any other.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* Of a packet that it gives. */
enum { HEP_PACKET_MAX = 65535 + 40 };

typedef struct {
  const char *address;      /* "udp:0.0.0.0:9060", "tcp:[::1]:9060", "udp::9060" */
  const char *password;     /* messages must have it; NULL: all are taken */
  const char *certificate;  /* PEM, for "tls:..."; or NULL */
  const char *key;          /* PEM; NULL: it is in the file of the certificate */
  const char *const *allow; /* "10.0.0.0/8", ...: senders; NULL-terminated, NULL: all are allowed */
} HepListenOptions;

typedef struct HepListen HepListen;

HepListen *hep_listen_open(const HepListenOptions *options, GError **error);
void hep_listen_free(HepListen *hep);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HepListen, hep_listen_free)

/* Can be read when there is something to do. */
int hep_listen_fd(const HepListen *hep);

/* The next packet, of which it returns the length; 0 when none is there. */
size_t hep_listen_read(HepListen *hep, uint8_t ret_packet[HEP_PACKET_MAX]);

/* Datagrams that the kernel had no room for. */
uint64_t hep_listen_dropped(const HepListen *hep);

/* Messages and connections that were refused so far. */
uint64_t hep_listen_refused(const HepListen *hep);

/* Appends the news since the last call: a line for each sender that was refused for the first time,
 * up to a limit, and one when there was no descriptor for a connection. */
void hep_listen_take_news(HepListen *hep, GPtrArray *lines);

/* Appends a line for each reason for which something was refused, with how often. */
void hep_listen_append_faults(const HepListen *hep, GPtrArray *lines);

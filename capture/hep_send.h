/*
 * HepSend: sends SIP messages and reports of RTCP as HEP 3 to a server, over UDP, TCP or TLS
 * (https://github.com/sipcapture/HEP).
 *
 * It never waits: what the server does not take at once is held, up to a limit, then lost and
 * counted.  A connection that is refused or ends is opened again, each time a little later.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "capture/hep_chunk.h"
#include "capture/slice.h"

typedef struct {
  HepType type; /* HEP_SIP, or HEP_RTCP as JSON */
  bool is_ipv6;
  uint8_t protocol;         /* of IP, of what carried the message; TLS as TCP */
  const uint8_t *src, *dst; /* 4 or 16 bytes */
  uint16_t src_port, dst_port;
  int64_t time_ns;
  Slice message;
  Slice correlation; /* the Call-ID that a report belongs to; may be empty */
} HepMessage;

typedef struct HepSend HepSend;

typedef struct {
  const char *address;     /* "udp:HOST:PORT", "tcp:HOST:PORT" or "tls:HOST:PORT" */
  const char *password;    /* or NULL */
  const char *authorities; /* PEM, of the server's certificate; NULL: those of the system */
} HepSendOptions;

/* The name of the host is looked up here. */
HepSend *hep_send_new(const HepSendOptions *options, GError **error);

/* Gives what is held some more time. */
void hep_send_free(HepSend *hep);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HepSend, hep_send_free)

void hep_send_add(HepSend *hep, const HepMessage *message);

/* Is that the end from which this sends?  `address` has 4 or 16 bytes. */
bool hep_send_is_own(const HepSend *hep, bool is_ipv6, const uint8_t *address, uint16_t port);

/* Sends what is held, as far as it goes now; to be called now and then. */
void hep_send_tick(HepSend *hep);

/* A line when sending began to fail, when it goes on, and at most once a minute how much was lost;
 * else NULL. */
char *hep_send_news(HepSend *hep);

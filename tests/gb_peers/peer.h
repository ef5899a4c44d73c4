/*
 * One end of GB/T 28181 on libosip2: its socket, its transactions (RFC 3261 17), and the habits of
 * eXosip2, which many platforms are built on: each request outside of a dialog has CSeq 20 and a
 * Call-ID of its own; branches and tags are decimal numbers.
 *
 * For tests: it talks to one other end, whatever URIs say, and any error ends the program.
 */
#pragma once

#include <glib.h>
#include <osip2/osip.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct Peer Peer;

typedef struct {
  void (*request)(Peer *peer, osip_transaction_t *t); /* answer it with peer_answer() */
  void (*response)(Peer *peer, osip_message_t *response);
  void (*ack)(Peer *peer);
} PeerRole;

struct Peer {
  const PeerRole *role;
  const char *id, *other_id;   /* 20 digits */
  const char *address, *other; /* "192.0.2.1" */
  const char *cookie;          /* branches begin with it */
  GMainLoop *loop;
  GPtrArray *over; /* transactions to free */
  osip_t *osip;
  int socket;
};

enum { PEER_PORT = 5060, PEER_CSEQ = 20 };

#define PEER_DOMAIN "3402000000"

/* NULL: without it, if no default is named. */
typedef struct {
  const char *method;
  const char *user;          /* of the Request-URI; NULL: of the other end */
  const char *call_id;       /* NULL: a new one */
  const char *from_tag, *to; /* NULL: a new tag; To as the Request-URI, without a tag */
  const char *headers;       /* whole lines */
  const char *type, *body;
  int cseq; /* 0: PEER_CSEQ */
} PeerRequest;

/* Opens the socket; role, ids, addresses and cookie must be set. */
void peer_init(Peer *peer);
void peer_run(Peer *peer); /* until peer_end() */
void peer_end(Peer *peer); /* after a short time, in which retransmissions are still answered */

void peer_send(Peer *peer, const PeerRequest *request);
/* Of a 2xx; it belongs to no transaction (RFC 3261 13.2.2.4). */
void peer_send_ack(Peer *peer, const osip_message_t *ok);
/* `headers`: whole lines, or NULL; `body`: a session description, or NULL. */
void peer_answer(osip_transaction_t *t, int status, const char *headers, const char *body);

/* Of From or To; NULL without one. */
const char *peer_tag(osip_from_t *party);
/* "" without one. */
const char *peer_body(const osip_message_t *message);
bool peer_body_has(const osip_message_t *message, const char *text);

/* The response without qop (RFC 2617 3.2.2.1), as devices compute it; freed with g_free. */
char *peer_digest(const char *user, const char *nonce, const char *method, const char *uri);

/* A UDP socket. */
int peer_bind(const char *address, int port);
void peer_send_to(int from, const char *address, int port, GString *bytes);

G_NORETURN void peer_fail(const char *what);

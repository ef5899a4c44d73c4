#include "tests/gb_peers/peer.h"

#include <arpa/inet.h>
#include <glib-unix.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { DATAGRAM_MAX = 65536, TICK_MS = 10, LINGER_MS = 300 };

void peer_fail(const char *what)
{
  g_printerr("gb_peers: %s\n", what);
  exit(1);
}

/* --- sockets ---------------------------------------------------------------------------------- */

static struct sockaddr_in place_of(const char *address, int port)
{
  struct sockaddr_in place = {.sin_family = AF_INET, .sin_port = htons((uint16_t) port)};

  if (inet_pton(AF_INET, address, &place.sin_addr) != 1)
    peer_fail("not an IPv4 address");
  return place;
}

int peer_bind(const char *address, int port)
{
  struct sockaddr_in place = place_of(address, port);
  int bound = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

  if (bound < 0 || bind(bound, (struct sockaddr *) &place, sizeof place) != 0)
    peer_fail("cannot bind a socket");
  return bound;
}

void peer_send_to(int from, const char *address, int port, GString *bytes)
{
  struct sockaddr_in place = place_of(address, port);

  if (sendto(from, bytes->str, bytes->len, 0, (struct sockaddr *) &place, sizeof place) < 0)
    peer_fail("cannot send");
}

/* --- transactions ----------------------------------------------------------------------------- */

static Peer *peer_of(osip_transaction_t *t)
{
  return osip_transaction_get_your_instance(t);
}

static void send_message(const Peer *peer, osip_message_t *message)
{
  size_t len = 0;
  char *text = NULL;

  if (osip_message_to_str(message, &text, &len) != 0)
    peer_fail("cannot serialize a message");
  g_autoptr(GString) bytes = g_string_new_len(text, (gssize) len);
  osip_free(text);
  peer_send_to(peer->socket, peer->other, PEER_PORT, bytes);
}

/* To the other end, whatever `host` and `port` say. */
static int send_of_transaction(osip_transaction_t *t, osip_message_t *message, char *host, int port,
                               int out)
{
  (void) host, (void) port, (void) out;
  send_message(peer_of(t), message);
  return 0;
}

static void note_request(int type, osip_transaction_t *t, osip_message_t *message)
{
  Peer *peer = peer_of(t);

  (void) type, (void) message;
  peer->role->request(peer, t);
}

static void note_response(int type, osip_transaction_t *t, osip_message_t *message)
{
  Peer *peer = peer_of(t);

  (void) type;
  peer->role->response(peer, message);
}

static void note_timeout(int type, osip_transaction_t *t, osip_message_t *message)
{
  (void) type, (void) t, (void) message;
  peer_fail("a request was not answered");
}

/* Freed by step(): osip_*_execute() still uses it. */
static void note_over(int type, osip_transaction_t *t)
{
  (void) type;
  g_ptr_array_add(peer_of(t)->over, t);
}

static void set_callbacks(osip_t *osip)
{
  static const int REQUESTS[] = {OSIP_IST_INVITE_RECEIVED, OSIP_NIST_REGISTER_RECEIVED,
                                 OSIP_NIST_BYE_RECEIVED, OSIP_NIST_UNKNOWN_REQUEST_RECEIVED};
  static const int RESPONSES[] = {OSIP_ICT_STATUS_2XX_RECEIVED, OSIP_NICT_STATUS_2XX_RECEIVED,
                                  OSIP_ICT_STATUS_4XX_RECEIVED, OSIP_NICT_STATUS_4XX_RECEIVED};

  osip_set_cb_send_message(osip, send_of_transaction);
  for (size_t i = 0; i < G_N_ELEMENTS(REQUESTS); i++)
    osip_set_message_callback(osip, REQUESTS[i], note_request);
  for (size_t i = 0; i < G_N_ELEMENTS(RESPONSES); i++)
    osip_set_message_callback(osip, RESPONSES[i], note_response);
  osip_set_message_callback(osip, OSIP_ICT_STATUS_TIMEOUT, note_timeout);
  osip_set_message_callback(osip, OSIP_NICT_STATUS_TIMEOUT, note_timeout);
  for (int type = 0; type < OSIP_KILL_CALLBACK_COUNT; type++)
    osip_set_kill_transaction_callback(osip, type, note_over);
}

static void add_event(Peer *peer, osip_transaction_t *t, osip_event_t *event)
{
  osip_transaction_set_your_instance(t, peer);
  osip_transaction_add_event(t, event);
}

/* A request without a transaction; the ACK of a 2xx belongs to none (RFC 3261 17.1.1.3). */
static void take_message(Peer *peer, osip_event_t *event)
{
  osip_transaction_t *t = NULL;

  if (event->type == RCV_REQACK)
    peer->role->ack(peer);
  else if (MSG_IS_REQUEST(event->sip))
    t = osip_create_transaction(peer->osip, event);
  if (t)
    add_event(peer, t, event);
  else
    osip_event_free(event);
}

static gboolean receive(int from, GIOCondition condition, gpointer data)
{
  Peer *peer = data;
  char bytes[DATAGRAM_MAX];
  ssize_t len = recv(from, bytes, DATAGRAM_MAX, 0);

  (void) condition;
  osip_event_t *event = len > 0 ? osip_parse(bytes, (size_t) len) : NULL;
  if (!event || !event->sip)
    peer_fail("received a datagram that is not a SIP message");
  osip_message_fix_last_via_header(event->sip, peer->other, PEER_PORT);
  if (osip_find_transaction_and_add_event(peer->osip, event) != 0)
    take_message(peer, event);
  return G_SOURCE_CONTINUE;
}

static gboolean step(gpointer data)
{
  Peer *peer = data;

  osip_timers_ict_execute(peer->osip);
  osip_timers_nict_execute(peer->osip);
  osip_timers_nist_execute(peer->osip);
  osip_ict_execute(peer->osip);
  osip_nict_execute(peer->osip);
  osip_ist_execute(peer->osip);
  osip_nist_execute(peer->osip);
  for (guint i = 0; i < peer->over->len; i++)
    osip_transaction_free(peer->over->pdata[i]);
  g_ptr_array_set_size(peer->over, 0);
  return G_SOURCE_CONTINUE;
}

void peer_init(Peer *peer)
{
  if (osip_init(&peer->osip) != 0)
    peer_fail("cannot initialize libosip2");
  set_callbacks(peer->osip);
  peer->loop = g_main_loop_new(NULL, false);
  peer->over = g_ptr_array_new();
  peer->socket = peer_bind(peer->address, PEER_PORT);
}

static void free_all(const osip_list_t *transactions)
{
  while (osip_list_size(transactions) > 0)
    osip_transaction_free(osip_list_get(transactions, 0));
}

void peer_run(Peer *peer)
{
  g_unix_fd_add(peer->socket, G_IO_IN, receive, peer);
  g_timeout_add(TICK_MS, step, peer);
  g_main_loop_run(peer->loop);
  free_all(&peer->osip->osip_ict_transactions);
  free_all(&peer->osip->osip_ist_transactions);
  free_all(&peer->osip->osip_nict_transactions);
  free_all(&peer->osip->osip_nist_transactions);
  osip_release(peer->osip);
  g_ptr_array_unref(peer->over);
  g_main_loop_unref(peer->loop);
  close(peer->socket);
}

static gboolean end(gpointer data)
{
  g_main_loop_quit(data);
  return G_SOURCE_REMOVE;
}

void peer_end(Peer *peer)
{
  g_timeout_add(LINGER_MS, end, peer->loop);
}

const char *peer_tag(osip_from_t *party)
{
  osip_generic_param_t *tag = NULL;
  char name[] = "tag";

  osip_generic_param_get_byname(&party->gen_params, name, &tag);
  return tag ? tag->gvalue : NULL;
}

/* --- requests --------------------------------------------------------------------------------- */

static char *new_number(void)
{
  return g_strdup_printf("%u", g_random_int_range(1, G_MAXINT32));
}

static void append_text(GString *text, const char *more)
{
  g_string_append(text, more ? more : "");
}

static osip_message_t *parse(const GString *text)
{
  osip_message_t *message = NULL;

  if (osip_message_init(&message) != 0 || osip_message_parse(message, text->str, text->len) != 0)
    peer_fail("cannot parse a message of its own");
  return message;
}

static osip_message_t *request_new(const Peer *peer, const PeerRequest *request)
{
  g_autofree char *branch = new_number(), *tag = new_number(), *call_id = new_number();
  g_autofree char *uri =
    g_strdup_printf("sip:%s@" PEER_DOMAIN, request->user ? request->user : peer->other_id);
  g_autofree char *to = g_strdup_printf("<%s>", uri);
  size_t len = request->body ? strlen(request->body) : 0;
  g_autoptr(GString) text = g_string_new(NULL);

  g_string_append_printf(
    text,
    "%s %s SIP/2.0\r\n"
    "Via: SIP/2.0/UDP %s:%d;rport;branch=%s%s\r\n"
    "From: <sip:%s@" PEER_DOMAIN ">;tag=%s\r\nTo: %s\r\n"
    "Call-ID: %s\r\nCSeq: %d %s\r\nMax-Forwards: 70\r\n"
    "Contact: <sip:%s@%s:%d>\r\nUser-Agent: eXosip/5.3.0\r\n",
    request->method, uri, peer->address, PEER_PORT, peer->cookie, branch, peer->id,
    request->from_tag ? request->from_tag : tag, request->to ? request->to : to,
    request->call_id ? request->call_id : call_id, request->cseq ? request->cseq : PEER_CSEQ,
    request->method, peer->id, peer->address, PEER_PORT);
  append_text(text, request->headers);
  if (request->type)
    g_string_append_printf(text, "Content-Type: %s\r\n", request->type);
  g_string_append_printf(text, "Content-Length: %zu\r\n\r\n", len);
  append_text(text, request->body);
  return parse(text);
}

void peer_send(Peer *peer, const PeerRequest *request)
{
  bool is_invite = g_str_equal(request->method, "INVITE");
  osip_message_t *message = request_new(peer, request);
  osip_transaction_t *t = NULL;

  if (osip_transaction_init(&t, is_invite ? ICT : NICT, peer->osip, message) != 0)
    peer_fail("cannot begin a transaction");
  osip_event_t *event = osip_new_outgoing_sipmessage(message);
  event->transactionid = t->transactionid;
  add_event(peer, t, event);
}

void peer_send_ack(Peer *peer, const osip_message_t *ok)
{
  char *to = NULL;

  if (osip_to_to_str(ok->to, &to) != 0)
    peer_fail("a 200 without To");
  const PeerRequest ack = {
    .method = "ACK",
    .user = ok->to->url->username,
    .call_id = ok->call_id->number,
    .from_tag = peer_tag(ok->from),
    .to = to,
  };
  osip_message_t *message = request_new(peer, &ack);
  send_message(peer, message);
  osip_free(to);
  osip_message_free(message);
}

/* --- answers ---------------------------------------------------------------------------------- */

static void append_header(GString *text, const char *name, char *value)
{
  g_string_append_printf(text, "%s: %s", name, value);
  osip_free(value);
}

static osip_message_t *response_new(const Peer *peer, const osip_message_t *request, int status,
                                    const char *more)
{
  g_autoptr(GString) text = g_string_new(NULL);
  char *via = NULL, *from = NULL, *to = NULL;

  if (osip_via_to_str(osip_list_get(&request->vias, 0), &via) != 0 ||
      osip_from_to_str(request->from, &from) != 0 || osip_to_to_str(request->to, &to) != 0)
    peer_fail("a request without Via, From or To");
  g_string_append_printf(text, "SIP/2.0 %d %s\r\n", status, osip_message_get_reason(status));
  append_header(text, "Via", via);
  append_header(text, "\r\nFrom", from);
  append_header(text, "\r\nTo", to);
  if (!peer_tag(request->to) && status > 100)
    g_string_append_printf(text, ";tag=%u", g_random_int());
  g_string_append_printf(text,
                         "\r\nCall-ID: %s\r\nCSeq: %s %s\r\nContact: <sip:%s@%s:%d>\r\n"
                         "User-Agent: eXosip/5.3.0\r\n",
                         request->call_id->number, request->cseq->number, request->cseq->method,
                         peer->id, peer->address, PEER_PORT);
  append_text(text, more);
  return parse(text);
}

void peer_answer(osip_transaction_t *t, int status, const char *headers, const char *body)
{
  g_autofree char *more = g_strdup_printf(
    "%s%sContent-Length: %zu\r\n\r\n%s", headers ? headers : "",
    body ? "Content-Type: application/sdp\r\n" : "", body ? strlen(body) : 0, body ? body : "");
  osip_event_t *event =
    osip_new_outgoing_sipmessage(response_new(peer_of(t), t->orig_request, status, more));

  event->transactionid = t->transactionid;
  osip_transaction_add_event(t, event);
}

/* --- what messages say ------------------------------------------------------------------------ */

const char *peer_body(const osip_message_t *message)
{
  const osip_body_t *body = osip_list_get(&message->bodies, 0);

  return body && body->body ? body->body : "";
}

bool peer_body_has(const osip_message_t *message, const char *text)
{
  return strstr(peer_body(message), text) != NULL;
}

char *peer_digest(const char *user, const char *nonce, const char *method, const char *uri)
{
  g_autofree char *a1 = g_strdup_printf("%s:" PEER_DOMAIN ":12345678", user);
  g_autofree char *a2 = g_strdup_printf("%s:%s", method, uri);
  g_autofree char *secret = g_compute_checksum_for_string(G_CHECKSUM_MD5, a1, -1);
  g_autofree char *request = g_compute_checksum_for_string(G_CHECKSUM_MD5, a2, -1);
  g_autofree char *all = g_strdup_printf("%s:%s:%s", secret, nonce, request);

  return g_compute_checksum_for_string(G_CHECKSUM_MD5, all, -1);
}

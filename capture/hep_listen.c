#include "capture/hep_listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "capture/error.h"
#include "capture/hep_address.h"
#include "capture/hep_chunk.h"
#include "capture/language.h"
#include "capture/reader.h"
#include "capture/tls_link.h"

enum {
  CONNECTIONS_MAX = 256,
  MESSAGE_MAX = 65535, /* of HEP 3, as its length has 16 bits */
  TURN_MAX = 64,       /* datagrams before it is asked whether there is something else */
  EVENTS = 64,
  REFUSED_TOLD_MAX = 32, /* senders */
  BACKLOG = 64,
  ACCEPT_AGAIN_US = 1000 * 1000,
  RECEIVE_BUFFER = 16 * 1024 * 1024,
};

/* An IPv4 address is as in IPv6 (RFC 4291 2.5.5.2). */
typedef struct {
  struct in6_addr address;
  uint16_t port; /* host byte order */
} Peer;

typedef struct {
  struct in6_addr address;
  unsigned bits;
} Prefix;

typedef struct {
  int fd;
  TlsLink *link; /* or NULL */
  Peer peer, own;
  size_t len; /* of what begins a message */
  uint8_t bytes[MESSAGE_MAX];
} Connection;

typedef enum {
  REFUSED_SENDER,
  REFUSED_PASSWORD,
  REFUSED_NO_HEP,
  REFUSED_LONG,
  REFUSED_CONNECTION,
  REFUSED_TLS,
  REFUSED_COUNT,
} Refusal;

struct HepListen {
  char *address;
  const char *password;
  GArray *allow; /* Prefix; empty: all */
  bool is_stream;
  TlsContext *tls; /* NULL: not over TLS */
  int fd, epoll;
  GHashTable *connections; /* Connection */
  Peer own;
  struct epoll_event events[EVENTS];
  int event_count, event, turn; /* the one that is served, and for how many datagrams */
  int64_t accept_us;            /* accepting connections is paused until then; 0: it is not */
  bool accept_is_told;
  uint64_t refused[REFUSED_COUNT];
  struct in6_addr told[REFUSED_TOLD_MAX]; /* senders that were refused: reported once each */
  unsigned told_count;
  GPtrArray *news;    /* char * */
  uint32_t overflows; /* as the kernel counts them */
  uint64_t dropped;
  uint8_t message[MESSAGE_MAX + 1];
};

/* --- Addresses -------------------------------------------------------------------------------- */

static bool is_ipv4(const struct in6_addr *address)
{
  return IN6_IS_ADDR_V4MAPPED(address);
}

static struct in6_addr map_ipv4(struct in_addr address)
{
  struct in6_addr mapped = {.s6_addr = {[10] = 0xff, [11] = 0xff}};

  memcpy(&mapped.s6_addr[12], &address, sizeof address);
  return mapped;
}

static Peer peer_of(const struct sockaddr_storage *from)
{
  struct sockaddr_in in;
  struct sockaddr_in6 in6;

  if (from->ss_family == AF_INET) {
    memcpy(&in, from, sizeof in);
    return (Peer){map_ipv4(in.sin_addr), ntohs(in.sin_port)};
  }
  memcpy(&in6, from, sizeof in6);
  return (Peer){in6.sin6_addr, ntohs(in6.sin6_port)};
}

static bool parse_prefix(const char *text, Prefix *ret_prefix)
{
  g_auto(GStrv) parts = g_strsplit(text, "/", 2);
  struct in_addr in;
  uint32_t bits = 0;
  bool has_bits = parts[0] && parts[1];

  if (!parts[0] || (has_bits && !slice_to_u32(slice_from_string(parts[1]), &bits)))
    return false;
  if (inet_pton(AF_INET, parts[0], &in) == 1) {
    *ret_prefix = (Prefix){map_ipv4(in), has_bits ? 96 + bits : 128};
    return bits <= 32;
  }
  ret_prefix->bits = has_bits ? bits : 128;
  return bits <= 128 && inet_pton(AF_INET6, parts[0], &ret_prefix->address) == 1;
}

static bool is_within(const struct in6_addr *address, const Prefix *prefix)
{
  unsigned bytes = prefix->bits / 8, rest = prefix->bits % 8;

  if (memcmp(address, &prefix->address, bytes) != 0)
    return false;
  return rest == 0 || (address->s6_addr[bytes] ^ prefix->address.s6_addr[bytes]) >> (8 - rest) == 0;
}

static bool is_allowed(const HepListen *hep, const Peer *peer)
{
  for (guint i = 0; i < hep->allow->len; i++)
    if (is_within(&peer->address, &g_array_index(hep->allow, Prefix, i)))
      return true;
  return hep->allow->len == 0;
}

/* --- Opening ---------------------------------------------------------------------------------- */

static bool fail(const char *address, const char *why, GError **error)
{
  g_set_error(error, APP_ERROR, APP_ERROR_IO, _("%s: cannot receive HEP: %s"), address, why);
  return false;
}

static void set_datagram_options(int fd)
{
  static const int ON = 1, BUFFER = RECEIVE_BUFFER;

  setsockopt(fd, SOL_SOCKET, SO_RXQ_OVFL, &ON, sizeof ON);
  if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &BUFFER, sizeof BUFFER) != 0)
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &BUFFER, sizeof BUFFER);
}

static bool bind_to(HepListen *hep, const struct sockaddr_storage *address, socklen_t address_len,
                    GError **error)
{
  static const int ON = 1, OFF = 0;
  int type = hep->is_stream ? SOCK_STREAM : SOCK_DGRAM;
  struct sockaddr_storage own = {0};
  socklen_t len = sizeof own;

  hep->fd = socket(address->ss_family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (hep->fd < 0)
    return fail(hep->address, g_strerror(errno), error);
  if (address->ss_family == AF_INET6)
    setsockopt(hep->fd, IPPROTO_IPV6, IPV6_V6ONLY, &OFF, sizeof OFF);
  if (hep->is_stream)
    setsockopt(hep->fd, SOL_SOCKET, SO_REUSEADDR, &ON, sizeof ON);
  else
    set_datagram_options(hep->fd);
  if (bind(hep->fd, (const struct sockaddr *) address, address_len) != 0 ||
      (hep->is_stream && listen(hep->fd, BACKLOG) != 0) ||
      getsockname(hep->fd, (struct sockaddr *) &own, &len) != 0)
    return fail(hep->address, g_strerror(errno), error);
  hep->own = peer_of(&own);
  return true;
}

static bool watch(const HepListen *hep, int fd, void *connection)
{
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = connection};

  return epoll_ctl(hep->epoll, EPOLL_CTL_ADD, fd, &event) == 0;
}

static bool open_tls(HepListen *hep, const HepListenOptions *options, GError **error)
{
  if (!options->certificate) {
    g_set_error(error, APP_ERROR, APP_ERROR_USAGE, _("%s: -L over TLS needs --hep-cert FILE"),
                hep->address);
    return false;
  }
  hep->tls = tls_context_new_server(options->certificate, options->key, error);
  return hep->tls != NULL;
}

static bool open_socket(HepListen *hep, const HepListenOptions *options, GError **error)
{
  HepAddress address;

  if (!hep_address_find(hep->address, "-L", true, &address, error))
    return false;
  g_free(address.host);
  hep->is_stream = address.is_stream;
  if ((address.is_tls && !open_tls(hep, options, error)) ||
      !bind_to(hep, &address.address, address.len, error))
    return false;
  hep->epoll = epoll_create1(EPOLL_CLOEXEC);
  return (hep->epoll >= 0 && watch(hep, hep->fd, NULL)) ||
         fail(hep->address, g_strerror(errno), error);
}

static bool add_prefixes(HepListen *hep, const char *const *texts, GError **error)
{
  Prefix prefix;

  for (; texts && *texts; texts++) {
    if (!parse_prefix(*texts, &prefix)) {
      g_set_error(error, APP_ERROR, APP_ERROR_USAGE,
                  _("--hep-allow needs an address or a network such as 192.0.2.0/24, not '%s'"),
                  *texts);
      return false;
    }
    g_array_append_val(hep->allow, prefix);
  }
  return true;
}

static void connection_free(gpointer item)
{
  Connection *connection = item;

  tls_link_free(connection->link);
  close(connection->fd);
  g_free(connection);
}

HepListen *hep_listen_open(const HepListenOptions *options, GError **error)
{
  g_autoptr(HepListen) hep = g_new0(HepListen, 1);

  hep->address = g_strdup(options->address);
  hep->password = options->password;
  hep->allow = g_array_new(false, false, sizeof(Prefix));
  hep->fd = hep->epoll = -1;
  hep->news = g_ptr_array_new_with_free_func(g_free);
  hep->connections = g_hash_table_new_full(NULL, NULL, connection_free, NULL);
  if (!add_prefixes(hep, options->allow, error) || !open_socket(hep, options, error))
    return NULL;
  return g_steal_pointer(&hep);
}

void hep_listen_free(HepListen *hep)
{
  if (!hep)
    return;
  g_hash_table_unref(hep->connections);
  g_ptr_array_unref(hep->news);
  if (hep->fd >= 0)
    close(hep->fd);
  if (hep->epoll >= 0)
    close(hep->epoll);
  tls_context_free(hep->tls);
  g_array_unref(hep->allow);
  g_free(hep->address);
  g_free(hep);
}

int hep_listen_fd(const HepListen *hep)
{
  return hep->epoll;
}

uint64_t hep_listen_dropped(const HepListen *hep)
{
  return hep->dropped;
}

static const char *const WHY[REFUSED_COUNT] = {
  [REFUSED_SENDER] = N_("the sender is not in --hep-allow"),
  [REFUSED_PASSWORD] = N_("wrong or missing password"),
  [REFUSED_NO_HEP] = N_("not HEP"),
  [REFUSED_LONG] = N_("message too long"),
  [REFUSED_CONNECTION] = N_("too many connections"),
  [REFUSED_TLS] = N_("the TLS handshake failed"),
};

void hep_listen_append_faults(const HepListen *hep, GPtrArray *lines)
{
  for (unsigned i = 0; i < REFUSED_COUNT; i++)
    if (hep->refused[i] > 0)
      g_ptr_array_add(lines,
                      g_strdup_printf(translate_count("%s: refused %" G_GUINT64_FORMAT " time: %s",
                                                      "%s: refused %" G_GUINT64_FORMAT " times: %s",
                                                      hep->refused[i]),
                                      hep->address, hep->refused[i], _(WHY[i])));
}

uint64_t hep_listen_refused(const HepListen *hep)
{
  uint64_t sum = 0;

  for (unsigned i = 0; i < REFUSED_COUNT; i++)
    sum += hep->refused[i];
  return sum;
}

void hep_listen_take_news(HepListen *hep, GPtrArray *lines)
{
  for (guint i = 0; i < hep->news->len; i++)
    g_ptr_array_add(lines, g_steal_pointer(&hep->news->pdata[i]));
  g_ptr_array_set_size(hep->news, 0);
}

/* False, so that it can be returned. */
static bool refuse(HepListen *hep, const Peer *peer, Refusal why)
{
  char host[INET6_ADDRSTRLEN];

  hep->refused[why]++;
  for (unsigned i = 0; i < hep->told_count; i++)
    if (IN6_ARE_ADDR_EQUAL(&hep->told[i], &peer->address))
      return false;
  if (hep->told_count == REFUSED_TOLD_MAX)
    return false;
  hep->told[hep->told_count++] = peer->address;
  if (is_ipv4(&peer->address))
    inet_ntop(AF_INET, &peer->address.s6_addr[12], host, sizeof host);
  else
    inet_ntop(AF_INET6, &peer->address, host, sizeof host);
  g_ptr_array_add(
    hep->news, g_strdup_printf(_("%s: refusing HEP from %s: %s"), hep->address, host, _(WHY[why])));
  return false;
}

/* --- Messages --------------------------------------------------------------------------------- */

static bool is_hep3(Slice message)
{
  return message.len >= HEP3_HEAD && memcmp(message.data, "HEP3", 4) == 0;
}

/* Takes as long for any wrong one. */
static bool is_same_secret(Slice value, const char *secret)
{
  size_t len = strlen(secret);
  unsigned char difference = value.len != len;

  for (size_t i = 0; i < len; i++)
    difference |= (unsigned char) (secret[i] ^ (i < value.len ? value.data[i] : ~secret[i]));
  return difference == 0;
}

static bool has_password(Slice message, const char *password)
{
  Reader in = reader_of(message.data, message.len);

  reader_skip(&in, HEP3_HEAD);
  while (reader_left(&in) >= HEP_CHUNK_HEAD) {
    unsigned vendor = reader_u16(&in), type = reader_u16(&in), len = reader_u16(&in);
    Slice value = reader_slice(&in, len < HEP_CHUNK_HEAD ? 0 : len - HEP_CHUNK_HEAD);
    if (in.failed || len < HEP_CHUNK_HEAD)
      return false;
    if (vendor == 0 && type == HEP_CHUNK_PASSWORD)
      return is_same_secret(value, password);
  }
  return false;
}

static bool is_taken(HepListen *hep, const Peer *peer, Slice message)
{
  bool is_old = message.len > 8 && (message.data[0] == 1 || message.data[0] == 2);

  if (!is_allowed(hep, peer))
    return refuse(hep, peer, REFUSED_SENDER);
  if (!is_hep3(message) && !is_old)
    return refuse(hep, peer, REFUSED_NO_HEP);
  if (hep->password && !(is_hep3(message) && has_password(message, hep->password)))
    return refuse(hep, peer, REFUSED_PASSWORD);
  return true;
}

/* --- Packets ---------------------------------------------------------------------------------- */

enum { UDP_HEAD = 8, IPV4_HEAD = 20, IPV6_HEAD = 40, TTL = 64, LENGTH_MAX = 65535 };

static uint8_t *put_u16(uint8_t *at, unsigned value)
{
  at[0] = (uint8_t) (value >> 8);
  at[1] = (uint8_t) value;
  return at + 2;
}

static uint8_t *put_bytes(uint8_t *at, const void *bytes, size_t len)
{
  memcpy(at, bytes, len);
  return at + len;
}

/* RFC 1071 */
static uint32_t add_up(uint32_t sum, const uint8_t *bytes, size_t len)
{
  for (size_t i = 0; i < len; i++)
    sum += i % 2 == 0 ? (uint32_t) bytes[i] << 8 : bytes[i];
  while (sum >> 16)
    sum = (sum & 0xffff) + (sum >> 16);
  return sum;
}

static uint8_t *put_ipv4(uint8_t *at, const Peer *from, const Peer *to, size_t udp_len)
{
  uint8_t *head = at;

  at = put_u16(at, 0x4500);
  at = put_u16(at, (unsigned) (IPV4_HEAD + udp_len));
  at = put_u16(at, 0); /* identification */
  at = put_u16(at, 0); /* no fragment */
  at = put_u16(at, TTL << 8 | IPPROTO_UDP);
  at = put_u16(at, 0);
  at = put_bytes(at, &from->address.s6_addr[12], 4);
  at = put_bytes(at, &to->address.s6_addr[12], 4);
  put_u16(head + 10, ~add_up(0, head, IPV4_HEAD) & 0xffff);
  return at;
}

static uint8_t *put_ipv6(uint8_t *at, const Peer *from, const Peer *to, size_t udp_len)
{
  at = put_u16(at, 0x6000);
  at = put_u16(at, 0);
  at = put_u16(at, (unsigned) udp_len);
  at = put_u16(at, IPPROTO_UDP << 8 | TTL);
  at = put_bytes(at, &from->address, sizeof from->address);
  return put_bytes(at, &to->address, sizeof to->address);
}

/* Returns the length, 0 if the message is refused. */
static size_t make_packet(HepListen *hep, const Peer *from, const Peer *to, Slice message,
                          uint8_t ret_packet[HEP_PACKET_MAX])
{
  size_t udp_len = UDP_HEAD + message.len;
  bool is_v4 = is_ipv4(&from->address);

  if (!is_taken(hep, from, message))
    return 0;
  if (udp_len + (is_v4 ? IPV4_HEAD : 0) > LENGTH_MAX) {
    refuse(hep, from, REFUSED_LONG);
    return 0;
  }
  uint8_t *udp =
    is_v4 ? put_ipv4(ret_packet, from, to, udp_len) : put_ipv6(ret_packet, from, to, udp_len);
  uint8_t *at = put_u16(put_u16(udp, from->port), to->port);
  at = put_u16(put_u16(at, (unsigned) udp_len), 0);
  put_bytes(at, message.data, message.len);
  uint32_t sum = add_up(IPPROTO_UDP + (uint32_t) udp_len, udp, udp_len);
  size_t addresses = is_v4 ? 8 : 32;
  sum = ~add_up(sum, udp - addresses, addresses) & 0xffff;
  put_u16(udp + 6, sum == 0 ? 0xffff : sum);
  return (size_t) (udp - ret_packet) + udp_len;
}

/* --- Receiving -------------------------------------------------------------------------------- */

static void read_control(HepListen *hep, struct msghdr *head)
{
  uint32_t overflows;

  for (struct cmsghdr *c = CMSG_FIRSTHDR(head); c; c = CMSG_NXTHDR(head, c))
    if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SO_RXQ_OVFL) {
      memcpy(&overflows, CMSG_DATA(c), sizeof overflows);
      hep->dropped += overflows - hep->overflows;
      hep->overflows = overflows;
    }
}

/* False when none is there. */
static bool read_datagram(HepListen *hep, uint8_t *ret_packet, size_t *ret_len)
{
  struct sockaddr_storage from = {0};
  uint8_t control[CMSG_SPACE(sizeof(uint32_t))];
  struct iovec vector = {hep->message, sizeof hep->message};
  struct msghdr head = {.msg_name = &from,
                        .msg_namelen = sizeof from,
                        .msg_iov = &vector,
                        .msg_iovlen = 1,
                        .msg_control = control,
                        .msg_controllen = sizeof control};

  ssize_t len = recvmsg(hep->fd, &head, 0);
  if (len < 0)
    return false;
  read_control(hep, &head);
  Peer peer = peer_of(&from);
  Slice message = slice_of((const char *) hep->message, (size_t) len);
  *ret_len = make_packet(hep, &peer, &hep->own, message, ret_packet);
  return true;
}

/* There is no descriptor for a connection, and epoll would report the socket all the time. */
static void pause_accepting(HepListen *hep, int code)
{
  epoll_ctl(hep->epoll, EPOLL_CTL_DEL, hep->fd, NULL);
  hep->accept_us = g_get_monotonic_time() + ACCEPT_AGAIN_US;
  if (!hep->accept_is_told)
    g_ptr_array_add(hep->news,
                    g_strdup_printf(_("%s: cannot accept a connection: %s; trying again"),
                                    hep->address, g_strerror(code)));
  hep->accept_is_told = true;
}

static void accept_again(HepListen *hep)
{
  if (hep->accept_us == 0 || g_get_monotonic_time() < hep->accept_us)
    return;
  hep->accept_us = 0;
  watch(hep, hep->fd, NULL);
}

static void accept_connections(HepListen *hep)
{
  struct sockaddr_storage from = {0}, own = {0};
  socklen_t from_len = sizeof from, own_len = sizeof own;
  int fd = accept4(hep->fd, (struct sockaddr *) &from, &from_len, SOCK_NONBLOCK | SOCK_CLOEXEC);

  if (fd < 0 && (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM))
    pause_accepting(hep, errno);
  if (fd < 0)
    return;
  Peer peer = peer_of(&from);
  bool is_wanted = is_allowed(hep, &peer);
  bool has_room = g_hash_table_size(hep->connections) < CONNECTIONS_MAX;
  if (!is_wanted || !has_room) {
    refuse(hep, &peer, is_wanted ? REFUSED_CONNECTION : REFUSED_SENDER);
    close(fd);
    return;
  }
  Connection *connection = g_new(Connection, 1);
  connection->fd = fd;
  connection->link = hep->tls ? tls_link_new(hep->tls, fd, NULL) : NULL;
  connection->len = 0;
  connection->peer = peer;
  connection->own =
    getsockname(fd, (struct sockaddr *) &own, &own_len) == 0 ? peer_of(&own) : hep->own;
  g_hash_table_add(hep->connections, connection);
  watch(hep, fd, connection);
}

/* The length of the message that the bytes begin with, 0 while that is not known; false if they are
 * no message. */
static bool message_len(const Connection *connection, size_t *ret_len)
{
  size_t known = MIN(connection->len, 4U);

  *ret_len = 0;
  if (memcmp(connection->bytes, "HEP3", known) != 0)
    return false;
  if (connection->len >= HEP3_HEAD)
    *ret_len = (size_t) connection->bytes[4] << 8 | connection->bytes[5];
  return connection->len < HEP3_HEAD || *ret_len >= HEP3_HEAD;
}

static void end_connection(HepListen *hep, Connection *connection)
{
  g_hash_table_remove(hep->connections, connection); /* which closes it */
}

static ssize_t receive(Connection *connection)
{
  uint8_t *to = connection->bytes + connection->len;
  size_t room = sizeof connection->bytes - connection->len;

  return connection->link ? tls_link_read(connection->link, to, room)
                          : recv(connection->fd, to, room, 0);
}

/* False when no whole message is there, or the connection has ended. */
static bool read_connection(HepListen *hep, Connection *connection, uint8_t *ret_packet,
                            size_t *ret_len)
{
  size_t len;

  for (;;) {
    if (!message_len(connection, &len)) {
      refuse(hep, &connection->peer, REFUSED_NO_HEP);
      end_connection(hep, connection);
      return false;
    }
    if (len > 0 && connection->len >= len)
      break;
    ssize_t n = receive(connection);
    if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) {
      if (n < 0 && errno == EPROTO)
        refuse(hep, &connection->peer, REFUSED_TLS);
      end_connection(hep, connection);
    }
    if (n <= 0)
      return false;
    connection->len += (size_t) n;
  }
  Slice message = slice_of((const char *) connection->bytes, len);
  *ret_len = make_packet(hep, &connection->peer, &connection->own, message, ret_packet);
  connection->len -= len;
  memmove(connection->bytes, connection->bytes + len, connection->len);
  return true;
}

/* False when the socket of the event has no more for now. */
static bool serve(HepListen *hep, const struct epoll_event *event, uint8_t *packet, size_t *ret_len)
{
  Connection *connection = event->data.ptr;

  if (connection)
    return read_connection(hep, connection, packet, ret_len);
  if (!hep->is_stream)
    return read_datagram(hep, packet, ret_len);
  accept_connections(hep);
  return false;
}

size_t hep_listen_read(HepListen *hep, uint8_t ret_packet[HEP_PACKET_MAX])
{
  size_t len = 0;

  accept_again(hep);
  while (len == 0) {
    if (hep->event == hep->event_count) {
      hep->event_count = MAX(epoll_wait(hep->epoll, hep->events, EVENTS, 0), 0);
      hep->event = hep->turn = 0;
    }
    if (hep->event_count == 0)
      return 0;
    if (!serve(hep, &hep->events[hep->event], ret_packet, &len) ||
        (!hep->is_stream && ++hep->turn >= TURN_MAX)) {
      hep->event++;
      hep->turn = 0;
    }
  }
  return len;
}

#include "capture/hep_send.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "capture/error.h"
#include "capture/hep_address.h"
#include "capture/language.h"
#include "capture/tls_link.h"

enum {
  HELD_MAX = 16 * 1024 * 1024, /* bytes of a connection that waits */
  LENGTH_MAX = 65535,          /* of a message of HEP 3 */
  DATAGRAM_MAX = 65507,        /* over UDP and IPv4 */
  RETRY_FIRST_US = 1000 * 1000,
  RETRY_MAX_US = 30 * 1000 * 1000,
  NEWS_US = 60 * 1000 * 1000,
  END_MS = 2000, /* for what is held at the end */
  TLS_WAIT_MS = 20,
  CAPTURE_ID = 2001, /* as heplify has it; servers want one */
};

typedef enum {
  STATE_CLOSED, /* to be opened again */
  STATE_OPENING,
  STATE_OPEN,
} State;

struct HepSend {
  char *address;
  const char *password;
  bool is_stream;
  HepAddress to;
  TlsContext *tls;             /* NULL: not over TLS */
  TlsLink *link;               /* of the socket, with TLS */
  const char *tls_fault;       /* that was said of it last; or NULL */
  struct sockaddr_storage own; /* of the last socket that was opened */
  int fd;                      /* -1: there is none */
  State state;
  int64_t retry_us, wait_us; /* when it is opened again, and how long it waits next time */
  GByteArray *held;
  size_t sent; /* of what is held */
  uint64_t lost, lost_said;
  int64_t said_us;
  int fault; /* errno of what failed; 0: nothing does */
  bool fault_is_said;
};

/* --- The connection --------------------------------------------------------------------------- */

static void note_fault(HepSend *hep, int code)
{
  if (hep->fault == 0)
    hep->fault = code;
}

/* A message of which a part was sent is sent again as a whole. */
static void close_socket(HepSend *hep, int code)
{
  note_fault(hep, code);
  if (hep->link)
    hep->tls_fault = tls_link_fault(hep->link);
  g_clear_pointer(&hep->link, tls_link_free);
  if (hep->fd >= 0)
    close(hep->fd);
  hep->fd = -1;
  hep->state = STATE_CLOSED;
  hep->retry_us = g_get_monotonic_time() + hep->wait_us;
  hep->wait_us = MIN(2 * hep->wait_us, (int64_t) RETRY_MAX_US);
}

static void open_socket(HepSend *hep)
{
  int type = hep->is_stream ? SOCK_STREAM : SOCK_DGRAM;
  socklen_t own_len = sizeof hep->own;

  hep->fd = socket(hep->to.address.ss_family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (hep->fd < 0) {
    close_socket(hep, errno);
    return;
  }
  hep->state = STATE_OPENING;
  if (connect(hep->fd, (const struct sockaddr *) &hep->to.address, hep->to.len) == 0)
    hep->state = STATE_OPEN;
  else if (errno != EINPROGRESS)
    close_socket(hep, errno);
  if (hep->fd < 0 || getsockname(hep->fd, (struct sockaddr *) &hep->own, &own_len) != 0)
    hep->own.ss_family = AF_UNSPEC;
}

/* Has a connection that is being opened become one? */
static void look(HepSend *hep)
{
  struct pollfd poll_fd = {.fd = hep->fd, .events = POLLOUT};
  int code = 0;
  socklen_t len = sizeof code;

  if (poll(&poll_fd, 1, 0) <= 0)
    return;
  if (getsockopt(hep->fd, SOL_SOCKET, SO_ERROR, &code, &len) == 0 && code == 0)
    hep->state = STATE_OPEN;
  else
    close_socket(hep, code != 0 ? code : errno);
}

static bool is_open(HepSend *hep)
{
  if (hep->state == STATE_CLOSED && g_get_monotonic_time() >= hep->retry_us)
    open_socket(hep);
  if (hep->state == STATE_OPENING)
    look(hep);
  return hep->state == STATE_OPEN;
}

HepSend *hep_send_new(const HepSendOptions *options, GError **error)
{
  g_autoptr(HepSend) hep = g_new0(HepSend, 1);

  hep->address = g_strdup(options->address);
  hep->password = options->password;
  hep->fd = -1;
  hep->wait_us = RETRY_FIRST_US;
  hep->held = g_byte_array_new();
  if (!hep_address_find(hep->address, "-H", false, &hep->to, error))
    return NULL;
  hep->is_stream = hep->to.is_stream;
  if (hep->to.is_tls && !(hep->tls = tls_context_new_client(options->authorities, error)))
    return NULL;
  return g_steal_pointer(&hep);
}

bool hep_send_is_own(const HepSend *hep, bool is_ipv6, const uint8_t *address, uint16_t port)
{
  struct sockaddr_in in;
  struct sockaddr_in6 in6;

  if (hep->own.ss_family != (is_ipv6 ? AF_INET6 : AF_INET))
    return false;
  if (is_ipv6) {
    memcpy(&in6, &hep->own, sizeof in6);
    return memcmp(&in6.sin6_addr, address, sizeof in6.sin6_addr) == 0 &&
           ntohs(in6.sin6_port) == port;
  }
  memcpy(&in, &hep->own, sizeof in);
  return memcmp(&in.sin_addr, address, sizeof in.sin_addr) == 0 && ntohs(in.sin_port) == port;
}

static void end_slowly(HepSend *hep)
{
  int64_t until_us = g_get_monotonic_time() + END_MS * INT64_C(1000);

  while (hep->held->len > 0 && hep->state != STATE_CLOSED && g_get_monotonic_time() < until_us) {
    /* a handshake waits for the server */
    struct pollfd poll_fd = {.fd = hep->fd, .events = hep->tls ? POLLIN : POLLOUT};
    poll(&poll_fd, 1, hep->tls ? TLS_WAIT_MS : END_MS);
    hep_send_tick(hep);
  }
}

void hep_send_free(HepSend *hep)
{
  if (!hep)
    return;
  if (hep->held)
    end_slowly(hep);
  tls_link_free(hep->link);
  tls_context_free(hep->tls);
  g_free(hep->to.host);
  if (hep->fd >= 0)
    close(hep->fd);
  if (hep->held)
    g_byte_array_unref(hep->held);
  g_free(hep->address);
  g_free(hep);
}

/* --- Messages --------------------------------------------------------------------------------- */

enum {
  FAMILY_IPV4 = 2, /* AF_INET and AF_INET6 of Linux, wherever it runs */
  FAMILY_IPV6 = 10,
  CORRELATION_MAX = 1024,
};

static void put_chunk(GByteArray *to, HepChunk type, const void *value, size_t len)
{
  const uint8_t head[HEP_CHUNK_HEAD] = {[3] = (uint8_t) type,
                                        [4] = (uint8_t) ((HEP_CHUNK_HEAD + len) >> 8),
                                        [5] = (uint8_t) (HEP_CHUNK_HEAD + len)};

  g_byte_array_append(to, head, sizeof head);
  g_byte_array_append(to, value, (guint) len);
}

/* Of `len` bytes, in network byte order. */
static void put_number(GByteArray *to, HepChunk type, uint32_t value, size_t len)
{
  const uint8_t bytes[] = {(uint8_t) (value >> 24), (uint8_t) (value >> 16), (uint8_t) (value >> 8),
                           (uint8_t) value};

  put_chunk(to, type, bytes + sizeof bytes - len, len);
}

static void put_message(GByteArray *to, const HepMessage *message, const char *password)
{
  size_t address_len = message->is_ipv6 ? 16 : 4;
  guint begin = to->len;

  g_byte_array_append(to, (const guint8 *) "HEP3\0", HEP3_HEAD);
  put_number(to, HEP_CHUNK_FAMILY, message->is_ipv6 ? FAMILY_IPV6 : FAMILY_IPV4, 1);
  put_number(to, HEP_CHUNK_PROTOCOL, message->protocol, 1);
  put_chunk(to, message->is_ipv6 ? HEP_CHUNK_IPV6_SRC : HEP_CHUNK_IPV4_SRC, message->src,
            address_len);
  put_chunk(to, message->is_ipv6 ? HEP_CHUNK_IPV6_DST : HEP_CHUNK_IPV4_DST, message->dst,
            address_len);
  put_number(to, HEP_CHUNK_SRC_PORT, message->src_port, 2);
  put_number(to, HEP_CHUNK_DST_PORT, message->dst_port, 2);
  put_number(to, HEP_CHUNK_SECONDS, (uint32_t) (message->time_ns / 1000000000), 4);
  put_number(to, HEP_CHUNK_MICROS, (uint32_t) (message->time_ns % 1000000000 / 1000), 4);
  put_number(to, HEP_CHUNK_TYPE, message->type, 1);
  put_number(to, HEP_CHUNK_AGENT, CAPTURE_ID, 4);
  if (password)
    put_chunk(to, HEP_CHUNK_PASSWORD, password, strlen(password));
  if (message->correlation.len > 0 && message->correlation.len <= CORRELATION_MAX)
    put_chunk(to, HEP_CHUNK_CORRELATION, message->correlation.data, message->correlation.len);
  put_chunk(to, HEP_CHUNK_PAYLOAD, message->message.data, message->message.len);
  to->data[begin + 4] = (uint8_t) ((to->len - begin) >> 8);
  to->data[begin + 5] = (uint8_t) (to->len - begin);
}

/* The length of the message that is held at that place. */
static size_t held_len(const HepSend *hep, size_t at)
{
  return (size_t) hep->held->data[at + 4] << 8 | hep->held->data[at + 5];
}

static void take_off(HepSend *hep, size_t len)
{
  g_byte_array_remove_range(hep->held, 0, (guint) len);
}

/* --- Sending ---------------------------------------------------------------------------------- */

/* Does a server refuse datagrams, or is there no room for more? */
static bool is_passing(int code)
{
  return code == EAGAIN || code == ENOBUFS || code == EINTR;
}

static void send_datagrams(HepSend *hep)
{
  size_t at = 0;

  while (at < hep->held->len) {
    size_t len = held_len(hep, at);
    ssize_t n = send(hep->fd, hep->held->data + at, len, MSG_NOSIGNAL);
    if (n < 0 && is_passing(errno))
      break;
    if (n < 0) { /* ECONNREFUSED is of an earlier one */
      note_fault(hep, errno);
      hep->lost++;
    } else {
      hep->fault = 0;
    }
    at += len;
  }
  take_off(hep, at);
}

/* SIGPIPE is ignored (see signals_ignore_of_writing). */
static ssize_t transmit(HepSend *hep, const uint8_t *bytes, size_t len)
{
  if (!hep->tls)
    return send(hep->fd, bytes, len, MSG_NOSIGNAL);
  if (!hep->link)
    hep->link = tls_link_new(hep->tls, hep->fd, hep->to.host);
  ssize_t n = tls_link_write(hep->link, bytes, len);
  if (n > 0) { /* what the server says of sessions must not be left when the socket is closed */
    uint8_t unused[64];
    int code = errno;
    (void) tls_link_read(hep->link, unused, sizeof unused);
    errno = code;
  }
  return n;
}

/* Whole messages are taken off, so that a new connection begins with one. */
static void send_stream(HepSend *hep)
{
  size_t done = 0;

  while (hep->sent < hep->held->len) {
    ssize_t n = transmit(hep, hep->held->data + hep->sent, hep->held->len - hep->sent);
    if (n < 0 && is_passing(errno))
      break;
    if (n < 0) {
      close_socket(hep, errno);
      break;
    }
    hep->sent += (size_t) n;
    hep->fault = 0;
    hep->tls_fault = NULL;
    hep->wait_us = RETRY_FIRST_US;
  }
  while (done < hep->held->len && done + held_len(hep, done) <= hep->sent)
    done += held_len(hep, done);
  take_off(hep, done);
  hep->sent = hep->state == STATE_OPEN ? hep->sent - done : 0;
}

void hep_send_tick(HepSend *hep)
{
  if (hep->held->len == 0 || !is_open(hep))
    return;
  if (hep->is_stream)
    send_stream(hep);
  else
    send_datagrams(hep);
}

void hep_send_add(HepSend *hep, const HepMessage *message)
{
  guint before = hep->held->len;

  put_message(hep->held, message, hep->password);
  size_t len = hep->held->len - before;
  if (hep->held->len > HELD_MAX || len > (hep->is_stream ? LENGTH_MAX : DATAGRAM_MAX)) {
    g_byte_array_set_size(hep->held, before);
    hep->lost++;
  }
  hep_send_tick(hep);
}

char *hep_send_news(HepSend *hep)
{
  int64_t now_us = g_get_monotonic_time();

  if (hep->fault != 0 && !hep->fault_is_said) {
    hep->fault_is_said = true;
    const char *why = hep->tls_fault ? hep->tls_fault : g_strerror(hep->fault);
    return g_strdup_printf(_("%s: HEP cannot be sent: %s; trying again"), hep->address, why);
  }
  if (hep->fault == 0 && hep->fault_is_said) {
    hep->fault_is_said = false;
    return g_strdup_printf(_("%s: HEP is sent again"), hep->address);
  }
  if (hep->lost == hep->lost_said || (hep->said_us != 0 && now_us - hep->said_us < NEWS_US))
    return NULL;
  uint64_t lost = hep->lost - hep->lost_said;
  hep->lost_said = hep->lost;
  hep->said_us = now_us;
  return g_strdup_printf(_("%s: %" G_GUINT64_FORMAT " messages were not sent as HEP"), hep->address,
                         lost);
}

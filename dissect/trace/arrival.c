#include "dissect/trace/arrival.h"

#include "capture/hash.h"
#include "dissect/sip/sip_addr.h"
#include "dissect/sip/sip_body.h"
#include "dissect/sip/sip_check.h"
#include "dissect/sip/sip_values.h"

static uint64_t hash_slice(Slice s, uint64_t seed)
{
  return hash_bytes(s.data, s.len, seed);
}

static Key hash_words(const uint64_t *words, size_t count, uint64_t seed)
{
  Hash128 hash = hash_bytes_128(words, count * sizeof *words, seed);

  return (Key){hash.low, hash.high};
}

/* Known methods by number, others by text. */
static uint64_t method_word(SipMethod method, Slice text, uint64_t seed)
{
  return method == SIP_METHOD_OTHER ? hash_slice(text, seed) : (uint64_t) method;
}

/* Where the port's colon is, not one of an IPv6 reference; s.len without a port. */
static size_t port_colon(Slice sent_by)
{
  for (size_t at = sent_by.len; at > 0; at--) {
    char c = sent_by.data[at - 1];
    if (c == ']')
      return sent_by.len;
    if (c == ':')
      return at - 1;
  }
  return sent_by.len;
}

static bool is_tls(Slice transport)
{
  return transport.len == 3 && slice_eq_nocase(transport, SLICE("TLS"));
}

/* RFC 3261 17.2.3: host compared without case; a missing port is the transport's default. */
static uint64_t sent_by_word(const SipMsg *sip, uint64_t seed)
{
  enum { HOST_MAX = 256 };
  char lower[HOST_MAX];
  size_t colon = port_colon(sip->via_sent_by);
  Slice host = slice_trim(slice_head(sip->via_sent_by, colon));
  uint32_t port = is_tls(sip->via_transport) ? 5061 : 5060;

  if (colon < sip->via_sent_by.len)
    (void) slice_to_u32(slice_trim(slice_from(sip->via_sent_by, colon + 1)), &port);
  if (host.len > HOST_MAX)
    return hash_slice(host, seed + port);
  for (size_t i = 0; i < host.len; i++)
    lower[i] =
      host.data[i] >= 'A' && host.data[i] <= 'Z' ? (char) (host.data[i] | 0x20) : host.data[i];
  return hash_slice(slice_of(lower, host.len), seed + port);
}

/*
 * RFC 3261 17.1.3: branch and method.  Call-ID and CSeq are added because real peers use one branch
 * for everything; in a correct trace they change nothing.  Without the magic cookie the From tag
 * is added.  What else tells requests apart is compared by the trace: sent-by (17.2.3), From tag
 * and, without the cookie, the Request-URI.  The method is that of the CSeq, which a response
 * repeats even when the request had it wrong.
 */
static void hash_transaction(Arrival *arrival, uint64_t seed)
{
  const SipMsg *sip = &arrival->sip;
  uint64_t words[] = {
    arrival->call.low,
    arrival->call.high,
    sip->cseq,
    hash_slice(sip->via_branch, seed),
    arrival->rfc2543 ? arrival->from_tag : 0,
    sip->cseq_method == SIP_METHOD_NONE
      ? method_word(sip->method, sip->method_text, seed)
      : method_word(sip->cseq_method, sip->cseq_method_text, seed),
  };
  uint64_t *method = &words[G_N_ELEMENTS(words) - 1];

  if (sip->method == SIP_METHOD_ACK) {
    *method = SIP_METHOD_ACK;
    arrival->second = hash_words(words, G_N_ELEMENTS(words), seed);
    *method = SIP_METHOD_INVITE;
  }
  arrival->transaction = hash_words(words, G_N_ELEMENTS(words), seed);
  if (*method == SIP_METHOD_CANCEL) {
    *method = SIP_METHOD_INVITE;
    arrival->second = hash_words(words, G_N_ELEMENTS(words), seed);
  }
}

/* RFC 3261 12: Call-ID and two tags; unordered, as each side calls the other one remote. */
static void hash_dialog(Arrival *arrival, uint64_t seed)
{
  uint64_t from = arrival->from_tag, to = hash_slice(arrival->sip.to_tag, seed);
  uint64_t words[] = {arrival->call.low, arrival->call.high, MIN(from, to), MAX(from, to)};

  arrival->dialog = hash_words(words, G_N_ELEMENTS(words), seed);
}

static uint64_t address_word(const Endpoint *endpoint, uint64_t seed)
{
  return hash_bytes(endpoint->address, sizeof endpoint->address, seed);
}

/* A message without Call-ID belongs with those between the same hosts that share its From tag and
 * CSeq, if anywhere.  One that was cut before any of them belongs with none, and is no copy of
 * others. */
static Key key_without_call_id(const Arrival *arrival, uint64_t seed)
{
  const SipMsg *sip = &arrival->sip;
  bool tells = sip->from_tag.len > 0 || sip->via_branch.len > 0 || !arrival->raw.cut;
  uint64_t src = address_word(&arrival->raw.src, seed), dst = address_word(&arrival->raw.dst, seed);
  uint64_t words[] = {
    arrival->from_tag,
    sip->cseq,
    hash_slice(sip->via_branch, seed),
    hash_slice(sip->via_sent_by, seed),
    MIN(src, dst),
    MAX(src, dst),
    tells ? 0 : arrival->raw.frame,
    tells ? 0 : arrival->raw.seq_end,
  };

  return hash_words(words, G_N_ELEMENTS(words), seed);
}

static bool is_control(Slice command)
{
  return slice_eq_nocase(command, SLICE("DeviceControl")) ||
         slice_eq_nocase(command, SLICE("DeviceConfig"));
}

/* A notification goes the other way.  Without a user it is of no other message. */
static void hash_subscription(Arrival *arrival, const GbBody *body, uint64_t seed)
{
  const SipMsg *sip = &arrival->sip;
  const RawMessage *raw = &arrival->raw;
  bool subscribes = arrival->subscribes;
  const Slice users[ARRIVAL_SUBSCRIPTIONS] = {
    body->device,
    sip_uri_user(sip_addr_parse(subscribes ? sip->to : sip->from).uri),
  };

  for (size_t i = 0; i < ARRIVAL_SUBSCRIPTIONS; i++) {
    uint64_t words[] = {
      hash_slice(body->command, seed),
      users[i].len > 0 ? hash_slice(users[i], seed) : raw->frame,
      address_word(subscribes ? &raw->src : &raw->dst, seed),
      address_word(subscribes ? &raw->dst : &raw->src, seed),
    };
    arrival->subscription[i] = hash_words(words, G_N_ELEMENTS(words), seed);
  }
}

/* A response goes the other way. */
static void hash_exchange(Arrival *arrival, uint64_t seed)
{
  const RawMessage *raw = &arrival->raw;
  SipMethod method = arrival->sip.method;
  GbBody body;

  arrival->gb = GB_NONE;
  arrival->subscribes = false;
  if ((method != SIP_METHOD_MESSAGE && method != SIP_METHOD_SUBSCRIBE) ||
      !sip_msg_gb(&arrival->sip, &body))
    return;
  bool is_answer = body.kind == GB_RESPONSE;
  const Endpoint *asks = is_answer ? &raw->dst : &raw->src;
  const Endpoint *is_asked = is_answer ? &raw->src : &raw->dst;
  uint64_t words[] = {
    hash_slice(body.command, seed), hash_slice(body.sn, seed),    hash_slice(body.device, seed),
    address_word(asks, seed),       address_word(is_asked, seed),
  };
  arrival->exchange = hash_words(words, G_N_ELEMENTS(words), seed);
  arrival->subscribes = method == SIP_METHOD_SUBSCRIBE;
  if (arrival->subscribes || body.kind == GB_NOTIFY)
    hash_subscription(arrival, &body, seed);
  if (arrival->subscribes)
    return;
  arrival->gb = body.kind;
  arrival->gb_begins = !is_answer ? body.kind : is_control(body.command) ? GB_CONTROL : GB_QUERY;
  arrival->is_keepalive =
    body.kind == GB_NOTIFY && slice_eq_nocase(body.command, SLICE("Keepalive"));
}

Key arrival_call_key(Slice call_id, uint64_t seed)
{
  Hash128 hash = hash_bytes_128(call_id.data, call_id.len, seed);

  return (Key){hash.low, hash.high};
}

bool arrival_parse(Arrival *arrival, uint64_t seed)
{
  SipMsg *sip = &arrival->sip;

  if (sip_msg_parse(arrival->raw.octets, transport_needs_length(arrival->raw.transport), sip) ==
      SIP_BAD)
    return false;
  arrival->malformed = sip_has_error(sip);
  arrival->octets_hash = 0;
  if (sip->method == SIP_METHOD_ACK || (sip->status > 0 && sip->status < 200))
    arrival->octets_hash = (uint32_t) hash_slice(sip->raw, seed);
  arrival->rfc2543 = !sip_branch_is_rfc3261(sip->via_branch);
  arrival->from_tag = hash_slice(sip->from_tag, seed);
  arrival->uri = sip->is_request ? (uint32_t) hash_slice(sip->uri, seed) : 0;
  arrival->sent_by = (uint32_t) sent_by_word(sip, seed);
  arrival->call = sip->call_id.len > 0 ? arrival_call_key(sip->call_id, seed)
                                       : key_without_call_id(arrival, seed);
  arrival->has_sdp = sip_msg_has_sdp(sip);
  hash_transaction(arrival, seed);
  hash_dialog(arrival, seed);
  hash_exchange(arrival, seed);
  return true;
}

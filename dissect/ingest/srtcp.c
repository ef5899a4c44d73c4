#include "dissect/ingest/srtcp.h"

#include "capture/hash.h"
#include "dissect/media/media_sdp.h"
#include "dissect/media/srtp_opener.h"
#include "dissect/net/rtp.h"
#include "dissect/sip/sip_body.h"

enum { PLACES_MAX = 64, CALL_KEYS_MAX = 32 };

/* The keys of all session descriptions of a Call-ID, whoever gave them: authentication tells. */
typedef struct {
  uint64_t id;    /* first: hash of the Call-ID, the key of the table */
  GList link;     /* in `call_order` */
  GArray *keys;   /* SrtpKey */
  GArray *places; /* Endpoint: where its media are sent */
} Call;

/* What one SSRC sends from one endpoint to another: RTCP, or RTP. */
typedef struct {
  ConnectionKey ends; /* src, dst; tunnel: the SSRC; seed: one value for RTCP, another for RTP */
  GList link;         /* in `stream_order` */
  SrtpOpener *opener;
  uint64_t generation; /* of the keys that it has */
} Stream;

struct Srtcp {
  const Carrier *carrier;
  GHashTable *calls;     /* of Call.id */
  EndpointTable *places; /* Call; the newest that names it */
  GQueue call_order;
  GHashTable *streams; /* of ConnectionKey, in Stream */
  GQueue stream_order;
  MediaPayloadTable *payloads;
  uint64_t seed, generation; /* of all keys */
};

Srtcp *srtcp_new(const Carrier *carrier)
{
  Srtcp *srtcp = g_new0(Srtcp, 1);

  srtcp->carrier = carrier;
  srtcp->calls = g_hash_table_new(g_int64_hash, g_int64_equal);
  srtcp->places = endpoint_table_new(NULL);
  srtcp->streams = g_hash_table_new(connection_key_hash, connection_key_equal);
  srtcp->payloads = media_payload_table_new();
  srtcp->seed = hash_seed_new();
  srtcp->generation = 1;
  return srtcp;
}

static void drop_call(Srtcp *srtcp, Call *call)
{
  for (guint i = 0; i < call->places->len; i++) {
    const Endpoint *place = &g_array_index(call->places, Endpoint, i);
    void *owner;
    if (endpoint_table_find(srtcp->places, place, &owner) && owner == call)
      endpoint_table_remove(srtcp->places, place);
  }
  g_queue_unlink(&srtcp->call_order, &call->link);
  g_hash_table_remove(srtcp->calls, call);
  if (call->keys->len > 0) /* else there is no data */
    explicit_bzero(call->keys->data, call->keys->len * sizeof(SrtpKey));
  g_array_unref(call->keys);
  g_array_unref(call->places);
  g_free(call);
}

static void drop_stream(Srtcp *srtcp, Stream *stream)
{
  g_queue_unlink(&srtcp->stream_order, &stream->link);
  g_hash_table_remove(srtcp->streams, stream);
  srtp_opener_free(stream->opener);
  g_free(stream);
}

void srtcp_free(Srtcp *srtcp)
{
  if (!srtcp)
    return;
  while (srtcp->call_order.head)
    drop_call(srtcp, srtcp->call_order.head->data);
  while (srtcp->stream_order.head)
    drop_stream(srtcp, srtcp->stream_order.head->data);
  g_hash_table_unref(srtcp->calls);
  g_hash_table_unref(srtcp->streams);
  endpoint_table_free(srtcp->places);
  media_payload_table_free(srtcp->payloads);
  g_free(srtcp);
}

/* --- Keys ------------------------------------------------------------------------------------- */

static Call *call_of(Srtcp *srtcp, Slice call_id)
{
  uint64_t id = hash_bytes(call_id.data, call_id.len, srtcp->seed);
  Call *call = g_hash_table_lookup(srtcp->calls, &id);

  if (call)
    return call;
  if (srtcp->call_order.length >= SRTCP_CALLS_MAX)
    drop_call(srtcp, srtcp->call_order.head->data);
  call = g_new0(Call, 1);
  call->id = id;
  call->keys = g_array_new(false, false, sizeof(SrtpKey));
  call->places = g_array_new(false, false, sizeof(Endpoint));
  call->link.data = call;
  g_hash_table_add(srtcp->calls, call);
  g_queue_push_tail_link(&srtcp->call_order, &call->link);
  return call;
}

static void add_place(Srtcp *srtcp, Call *call, const Endpoint *place)
{
  void *owner = NULL;

  if (!media_place_is_somewhere(place) ||
      (endpoint_table_find(srtcp->places, place, &owner) && owner == call) ||
      call->places->len == PLACES_MAX)
    return;
  g_array_append_val(call->places, *place);
  endpoint_table_set(srtcp->places, place, call);
}

/* Of too many, the newest ones are kept. */
static void add_key(Srtcp *srtcp, Call *call, const SrtpKey *key)
{
  for (guint i = 0; i < call->keys->len; i++)
    if (memcmp(&g_array_index(call->keys, SrtpKey, i), key, sizeof *key) == 0)
      return;
  if (call->keys->len == CALL_KEYS_MAX)
    g_array_remove_index(call->keys, 0);
  g_array_append_val(call->keys, *key);
  srtcp->generation++;
}

static void add_description(Srtcp *srtcp, Call *call, const MediaSdp *sdp)
{
  for (size_t i = 0; i < sdp->line_count; i++) {
    add_place(srtcp, call, &sdp->lines[i].rtp);
    add_place(srtcp, call, &sdp->lines[i].rtcp);
  }
  for (size_t i = 0; i < sdp->place_count; i++)
    add_place(srtcp, call, &sdp->places[i].endpoint);
  for (size_t i = 0; i < sdp->crypto_count; i++)
    if (!sdp->cryptos[i].unreadable)
      add_key(srtcp, call, &sdp->cryptos[i].key);
}

/* Every message is asked, so a letter is looked for that is rare; memmem takes eight times as
 * long. */
static bool has_crypto(Slice message)
{
  const Slice WORD = SLICE("a=crypto:");
  enum { RARE_AT = 4 };

  for (size_t at = slice_find(message, 'y'); at < message.len;
       at += 1 + slice_find(slice_from(message, at + 1), 'y'))
    if (at >= RARE_AT && slice_starts_with(slice_from(message, at - RARE_AT), WORD))
      return true;
  return false;
}

void srtcp_note(Srtcp *srtcp, Slice message)
{
  SipMsg sip;

  if (!has_crypto(message) || !srtp_library_name() || sip_msg_parse(message, false, &sip) != SIP_OK)
    return;
  g_autoptr(MediaSdp) sdp = media_sdp_new(sip_msg_sdp(&sip), 0, srtcp->payloads);
  if (sdp && sdp->crypto_count > 0)
    add_description(srtcp, call_of(srtcp, sip.call_id), sdp);
}

/* --- Packets ---------------------------------------------------------------------------------- */

static Stream *stream_of(Srtcp *srtcp, const Packet *packet, uint32_t ssrc, bool is_control)
{
  uint32_t seed = is_control ? (uint32_t) srtcp->seed : ~(uint32_t) srtcp->seed;
  const ConnectionKey ends = {packet->src, packet->dst, ssrc, seed};
  Stream *stream = g_hash_table_lookup(srtcp->streams, &ends);

  if (stream)
    return stream;
  if (srtcp->stream_order.length >= SRTCP_STREAMS_MAX)
    drop_stream(srtcp, srtcp->stream_order.head->data);
  stream = g_new0(Stream, 1);
  stream->ends = ends;
  stream->opener = srtp_opener_new(ssrc, is_control);
  stream->link.data = stream;
  g_hash_table_add(srtcp->streams, stream);
  g_queue_push_tail_link(&srtcp->stream_order, &stream->link);
  return stream;
}

static void add_keys_of_place(const Srtcp *srtcp, Stream *stream, const Endpoint *place)
{
  void *owner;

  if (!endpoint_table_find(srtcp->places, place, &owner))
    return;
  const Call *call = owner;
  for (guint i = 0; i < call->keys->len; i++)
    (void) srtp_opener_add(stream->opener, &g_array_index(call->keys, SrtpKey, i), 0);
}

/* True if there is one that was not there. */
static bool add_key_of_dtls(const Srtcp *srtcp, Stream *stream, const Packet *packet)
{
  DtlsSrtpKey agreed;
  SrtpKey key;

  if (carrier_dtls_count(srtcp->carrier) == 0 ||
      !carrier_srtp_key(srtcp->carrier, &packet->src, &packet->dst, &agreed))
    return false;
  Slice master = slice_of((const char *) agreed.master, agreed.len);
  Slice mki = slice_of((const char *) agreed.mki, agreed.mki_len);
  bool is_new = srtp_key_of_profile(agreed.profile, master, mki, &key) &&
                srtp_opener_add(stream->opener, &key, 0);
  explicit_bzero(&agreed, sizeof agreed);
  explicit_bzero(&key, sizeof key);
  return is_new;
}

static void add_described_keys(const Srtcp *srtcp, Stream *stream, const Packet *packet)
{
  if (stream->generation == srtcp->generation)
    return;
  stream->generation = srtcp->generation;
  add_keys_of_place(srtcp, stream, &packet->dst);
  add_keys_of_place(srtcp, stream, &packet->src);
}

static bool has_any_keys(const Srtcp *srtcp)
{
  return srtcp->call_order.length > 0 || carrier_dtls_count(srtcp->carrier) > 0;
}

static bool open_with_known(Stream *stream, const Packet *packet, Slice *ret_clear)
{
  return srtp_opener_has_keys(stream->opener) &&
         srtp_opener_open(stream->opener, packet->payload, packet->time_ns, ret_clear);
}

bool srtcp_open(Srtcp *srtcp, const Packet *packet, Packet *ret_packet)
{
  enum { SSRC_AT = 4, SSRC_LEN = 4 };
  uint32_t ssrc;
  Slice clear;

  if (!has_any_keys(srtcp) || rtp_classify(packet->payload) != RTP_IS_CONTROL || packet->cut)
    return false;
  memcpy(&ssrc, packet->payload.data + SSRC_AT, SSRC_LEN);
  Stream *stream = stream_of(srtcp, packet, GUINT32_FROM_BE(ssrc), true);
  add_described_keys(srtcp, stream, packet);
  (void) add_key_of_dtls(srtcp, stream, packet);
  if (!open_with_known(stream, packet, &clear))
    return false;
  *ret_packet = *packet;
  ret_packet->payload = clear;
  return true;
}

enum { EVENT_LEN = 4 };

/* After an event come a tag of 4, 10 or 16 bytes, and perhaps an MKI. */
static bool may_be_event(const Packet *packet, RtpPacket *ret_rtp)
{
  enum { HEADERS_MAX = 128, TAG_LEAST = 4, TRAILER_MAX = 16 + SRTP_MKI_BYTES, DYNAMIC = 96 };

  return packet->payload.len <= HEADERS_MAX + EVENT_LEN + TRAILER_MAX && !packet->cut &&
         rtp_classify(packet->payload) == RTP_IS_DATA &&
         rtp_parse(packet->payload, false, ret_rtp) && !ret_rtp->has_padding &&
         ret_rtp->payload_type >= DYNAMIC && ret_rtp->payload.len >= EVENT_LEN + TAG_LEAST &&
         ret_rtp->payload.len <= EVENT_LEN + TRAILER_MAX;
}

bool srtcp_open_event(Srtcp *srtcp, const Packet *packet, Slice *ret_content)
{
  RtpPacket rtp;
  Slice clear;

  if (!has_any_keys(srtcp) || !may_be_event(packet, &rtp))
    return false;
  Stream *stream = stream_of(srtcp, packet, rtp.ssrc, false);
  add_described_keys(srtcp, stream, packet);
  bool is_open = open_with_known(stream, packet, &clear);
  if (!is_open && add_key_of_dtls(srtcp, stream, packet))
    is_open = open_with_known(stream, packet, &clear);
  if (!is_open || !rtp_parse(clear, false, &rtp) || rtp.payload.len != EVENT_LEN)
    return false;
  *ret_content = clear;
  return true;
}

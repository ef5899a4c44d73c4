#include "dissect/net/packet.h"

#include "capture/hash.h"
#include "dissect/net/layer.h"
#include "dissect/net/link.h"

/* Headers in one frame, tags and extension headers too; real ones have up to a dozen. */
enum { DEPTH_MAX = 32 };

struct PacketDecoder {
  FragmentTable *fragments;
  uint64_t seed; /* of Packet.tunnel */
  Undecoded undecoded;
};

static Layer (*const DECODERS[])(Peel *peel) = {
#define LAYER_DECODER(name, decoder) [LAYER_##name] = decoder,
  LAYERS(LAYER_DECODER)
#undef LAYER_DECODER
};

G_STATIC_ASSERT(G_N_ELEMENTS(DECODERS) == LAYER_COUNT);

PacketDecoder *packet_decoder_new(PacketLimits limits)
{
  PacketDecoder *decoder = g_new0(PacketDecoder, 1);

  decoder->fragments = fragment_table_new(limits);
  decoder->seed = hash_seed_new();
  return decoder;
}

void packet_decoder_free(PacketDecoder *decoder)
{
  if (!decoder)
    return;
  fragment_table_free(decoder->fragments);
  g_free(decoder);
}

/* From `layer` to the innermost transport. */
static PacketKind peel_all(Peel *peel, Layer layer)
{
  for (unsigned depth = 0; depth < DEPTH_MAX && layer > LAYER_END; depth++) {
    layer = DECODERS[layer](peel);
    if (peel->in.failed)
      return PACKET_UNDECODED;
  }
  if (layer == LAYER_NONE)
    return peel->undecoded != UNDECODED_NOTHING ? PACKET_UNDECODED : PACKET_NONE;
  return layer == LAYER_END ? peel->packet->kind : PACKET_UNDECODED;
}

static bool kind_is_transport(PacketKind kind)
{
  return kind == PACKET_UDP || kind == PACKET_TCP || kind == PACKET_SCTP;
}

PacketKind packet_decode(PacketDecoder *decoder, const Frame *frame, Arena *scratch,
                         Packet *ret_packet)
{
  Peel peel = {.in = reader_of(frame->data, frame->len),
               .packet = ret_packet,
               .fragments = decoder->fragments,
               .scratch = scratch,
               .seed = decoder->seed};

  memset(ret_packet, 0, sizeof *ret_packet);
  ret_packet->cut = frame->wire_len > frame->len;
  ret_packet->matched = frame->matched;
  ret_packet->frame = frame->number;
  ret_packet->time_ns = frame->time_ns;
  ret_packet->fragments = 1;
  PacketKind kind = peel_all(&peel, link_type_open(&peel, frame->link_type));
  if (!ret_packet->matched)
    kind = PACKET_NONE;
  else if (G_UNLIKELY(kind == PACKET_UNDECODED || peel.undecoded != UNDECODED_NOTHING))
    undecoded_add(&decoder->undecoded,
                  peel.undecoded != UNDECODED_NOTHING ? peel.undecoded : UNDECODED_HEADERS,
                  peel.undecoded_number, 1);
  ret_packet->kind = kind;
  ret_packet->in_frame = kind_is_transport(kind) && !peel.joined;
  if (ret_packet->in_frame) {
    const uint8_t *payload = (const uint8_t *) ret_packet->payload.data;
    ret_packet->ref = frame->ref + (uint64_t) (payload - frame->data);
  }
  return kind;
}

bool packet_decoder_expire(PacketDecoder *decoder, int64_t now_ns, Arena *scratch,
                           Packet *ret_packet)
{
  Datagram datagram;

  /* What is found in a datagram may be a fragment again: it is smaller each time. */
  while (fragment_table_expire(decoder->fragments, now_ns, scratch, &datagram)) {
    Peel peel = {.packet = ret_packet,
                 .fragments = decoder->fragments,
                 .scratch = scratch,
                 .seed = decoder->seed};

    ret_packet->kind = peel_all(&peel, joined_open(&peel, &datagram));
    if (kind_is_transport(ret_packet->kind))
      return true;
    fragment_table_lose(decoder->fragments, datagram.packet.fragments);
  }
  return false;
}

const Undecoded *packet_decoder_undecoded(const PacketDecoder *decoder)
{
  return &decoder->undecoded;
}

uint64_t packet_decoder_lost_fragments(const PacketDecoder *decoder)
{
  return fragment_table_lost(decoder->fragments);
}

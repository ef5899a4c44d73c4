#include "dissect/pick/frame_picker.h"

#include "dissect/net/hep.h"
#include "dissect/net/sctp.h"
#include "dissect/net/rtp.h"
#include "dissect/pick/early_frames.h"

enum {
  SCRATCH_FIRST = 64 * 1024,
  EARLY_PAIRS_MAX = 4096,
  KEPT_BY_CALL = 64 * 1024, /* frames: for calls that share segments, or a connection */
};

struct FramePicker {
  FrameChoice choice;
  PacketDecoder *decoder;
  Carrier *carrier;
  SentTable *sent;
  EarlyFrames *early; /* of media; NULL: these are not wanted */
  FrameWindow window;
  GArray *chosen;    /* uint64_t: frames, scratch of one message */
  Arena scratch;     /* of one batch */
  int64_t now_ns;    /* of the last frame */
  int64_t latest_ns; /* of all, and of frame_picker_note_time */
  uint64_t unreadable;
  bool ended;
  GString *keys;     /* lines that were not taken yet; NULL: not wanted */
  HashSet *has_keys; /* hashes of all lines so far */
  uint64_t seed;     /* of those */
};

FramePicker *frame_picker_new(const FrameChoice *choice, const Setup *setup)
{
  const Limits *limits = setup->limits;
  FramePicker *picker = g_new0(FramePicker, 1);

  picker->choice = *choice;
  picker->decoder = packet_decoder_new(limits->packets);
  picker->carrier = carrier_new(limits->carrier);
  picker->sent = sent_table_new(2 * limits->carrier.connections);
  picker->early = choice->media ? early_frames_new(EARLY_PAIRS_MAX) : NULL;
  picker->window.kept = choice->by_call ? KEPT_BY_CALL : 0;
  picker->chosen = g_array_new(false, false, sizeof(uint64_t));
  picker->now_ns = TIME_NONE;
  arena_init(&picker->scratch, SCRATCH_FIRST);
  if (choice->with_keys) {
    picker->keys = g_string_new(NULL);
    picker->has_keys = hash_set_new();
    picker->seed = hash_seed_new();
  }
  return picker;
}

static void drop_secret(GString *text)
{
  if (!text)
    return;
  tls_wipe(text->str, text->len);
  g_string_free(text, TRUE);
}

void frame_picker_free(FramePicker *picker)
{
  if (!picker)
    return;
  packet_decoder_free(picker->decoder);
  carrier_free(picker->carrier);
  sent_table_free(picker->sent);
  early_frames_free(picker->early);
  frame_window_clear(&picker->window);
  g_array_unref(picker->chosen);
  arena_clear(&picker->scratch);
  drop_secret(picker->keys);
  hash_set_free(picker->has_keys);
  g_free(picker);
}

/* The frame, or all that the packet was joined from. */
static void choose_packet(FramePicker *picker, const Packet *packet, uint32_t call)
{
  frame_window_choose(&picker->window, packet->frame, call);
  for (uint32_t i = 0; i < packet->frame_count; i++)
    frame_window_choose(&picker->window, packet->frames[i], call);
}

/*
 * Keep-alives before the message belong to it where that makes a stream without holes: what was
 * saved is read in the order in which it was captured then.
 */
static SeqRange range_of(const SentFrames *sent, const RawMessage *raw)
{
  SeqRange range = {raw->seq, raw->seq_end};

  if (raw->transport == TRANSPORT_TCP && !raw->copy && !raw->is_media && !raw->cut &&
      !raw->refers_back && !sent_continues(sent, range))
    range.start = raw->seq_end - (uint32_t) raw->octets.len;
  return range;
}

/* Of a message that came over a connection: those that carried the place where it lay. */
static void choose_range(FramePicker *picker, const RawMessage *raw, uint32_t call)
{
  const SentName name = {raw->from, raw->to, raw->tunnel,
                         raw->transport == TRANSPORT_SCTP && !raw->copy};
  SentFrames *sent = sent_find(picker->sent, &name);

  frame_window_choose(&picker->window, raw->frame, call);
  if (!sent)
    return;
  /* What was chosen before was in the window then. */
  bool is_first = !sent_has_chosen(sent), is_whole = !sent_is_cut(sent);
  g_array_set_size(picker->chosen, 0);
  sent_choose(picker->sent, sent, (SentChoice){range_of(sent, raw), call}, picker->chosen);
  for (guint i = 0; i < picker->chosen->len; i++)
    if (!frame_window_choose(&picker->window, g_array_index(picker->chosen, uint64_t, i), call))
      is_whole &= !is_first;
  picker->unreadable += raw->refers_back && !is_whole;
}

/* Takes over lines that it has not had yet, and wipes them. */
static void add_keys(FramePicker *picker, GString *lines)
{
  for (Slice rest = slice_of(lines->str, lines->len); rest.len > 0;) {
    Slice line = slice_take_line(&rest);
    uint64_t hash = hash_bytes(line.data, line.len, picker->seed);
    if (hash_set_has(picker->has_keys, hash))
      continue;
    hash_set_add(picker->has_keys, hash);
    g_string_append_len(picker->keys, line.data, (gssize) line.len);
    g_string_append_c(picker->keys, '\n');
  }
  drop_secret(lines);
}

/* What opens the message that was chosen. */
static void choose_keys(FramePicker *picker, const RawMessage *raw)
{
  bool is_sealed = raw->transport == TRANSPORT_TLS || raw->transport == TRANSPORT_WSS;

  if (!picker->keys || (!is_sealed && !raw->copy))
    return;
  GString *lines = g_string_new(NULL);
  carrier_append_keys(picker->carrier, raw, lines);
  add_keys(picker, lines);
}

/* What opens the media that were chosen.  RTP is asked only once its handshake was chosen with it,
 * as there is much of it; RTCP and STUN are, so that a key may come later than the handshake. */
static void choose_media_keys(FramePicker *picker, const Packet *packet)
{
  bool is_data = rtp_classify(packet->payload) == RTP_IS_DATA;

  if (!picker->keys || (is_data && picker->chosen->len == 0))
    return;
  GString *lines = g_string_new(NULL);
  carrier_append_dtls_keys(picker->carrier, packet, lines);
  add_keys(picker, lines);
}

void frame_picker_take_keys(FramePicker *picker, GString *to)
{
  if (!picker->keys || picker->keys->len == 0)
    return;
  g_string_append_len(to, picker->keys->str, (gssize) picker->keys->len);
  tls_wipe(picker->keys->str, picker->keys->len);
  g_string_truncate(picker->keys, 0);
}

/* Is there something of a call by that number?  *ret_call: of which; untouched unless by_call. */
static bool has_mark(const FrameChoice *choice, uint64_t mark, uint32_t *ret_call)
{
  return choice->by_call ? hash_set_get(choice->calls, mark, ret_call)
                         : hash_set_has(choice->calls, mark);
}

static bool is_chosen(const FramePicker *picker, const RawMessage *raw, uint32_t *ret_call)
{
  const FrameChoice *choice = &picker->choice;
  Arrival arrival = {.raw = *raw};

  if (choice->frame != 0 && raw->frame != choice->frame)
    return false;
  if (raw->is_log) {
    Key call = arrival_call_key(raw->copy->correlation, choice->seed);
    return !choice->calls || has_mark(choice, call.low, ret_call);
  }
  if (!arrival_parse(&arrival, choice->seed))
    return false;
  return !choice->calls || has_mark(choice, arrival.call.low, ret_call) ||
         has_mark(choice, call_mark(&arrival.call, raw->frame), ret_call) ||
         has_mark(choice, call_mark(NULL, raw->frame), ret_call);
}

/* The calls that are chosen and that the message or packet of media is of; 0: none of its own. */
static MediaCalls calls_of(const FramePicker *picker, const RawMessage *raw)
{
  MediaCalls calls = {0};

  if (!raw->is_media) {
    calls.count = is_chosen(picker, raw, &calls.numbers[0]);
  } else if (picker->choice.media) {
    const Packet packet = raw_media_packet(raw);
    (void) media_ends_match(picker->choice.media, &packet, &calls);
  }
  return calls;
}

/* The number under which the window has a call. */
static uint32_t number_of(const FramePicker *picker, const MediaCalls *calls, size_t index)
{
  return picker->choice.by_call ? calls->numbers[index] : 0;
}

/* `packet`: what was fed, or NULL when time has passed.  True when it was a SIP message itself. */
static bool pull_messages(FramePicker *picker, const Packet *packet)
{
  bool had_message = false;
  RawMessage raw;

  while (carrier_next(picker->carrier, &picker->scratch, &raw)) {
    bool is_datagram = packet && packet->kind == PACKET_UDP;
    const MediaCalls calls = calls_of(picker, &raw);
    had_message = true;
    for (size_t i = 0; i < calls.count; i++)
      if (is_datagram)
        choose_packet(picker, packet, number_of(picker, &calls, i));
      else
        choose_range(picker, &raw, number_of(picker, &calls, i));
    if (calls.count > 0)
      choose_keys(picker, &raw);
  }
  return had_message;
}

/* Remembers that the packet's frames carried that range. */
static void note_frames(FramePicker *picker, SentFrames *sent, const Packet *packet, SeqRange range)
{
  const SentChoice *again = sent_add(sent, packet->frame, range);

  if (again)
    choose_packet(picker, packet, again->call);
  for (uint32_t i = 0; i < packet->frame_count; i++)
    if (packet->frames[i] != packet->frame)
      (void) sent_add(sent, packet->frames[i], range);
}

/* The stream's connection, which may have begun with an earlier SYN than the last. */
static void note_beginning(FramePicker *picker, const TcpStream *tcp)
{
  const SentName name = {tcp->src, tcp->dst, tcp->tunnel, false};
  SentFrames *sent = tcp->has_isn ? sent_find(picker->sent, &name) : NULL;

  if (sent && sent_begin(sent, tcp->isn, tcp->syn_frame))
    frame_window_choose(&picker->window, tcp->syn_frame, sent_call(sent));
}

static void take_segment(FramePicker *picker, const Packet *packet)
{
  SentFrames *sent = sent_of_packet(picker->sent, packet);
  uint32_t start = packet->tcp_seq + (packet->tcp_flags & TCP_SYN ? 1 : 0);
  SeqRange range = {start, start + (uint32_t) packet->payload.len};
  CarrierStream stream = {.needed = range.end};

  if (range.end != range.start)
    note_frames(picker, sent, packet, range);
  if (packet->tcp_flags & (TCP_FIN | TCP_RST) && sent_add_common(sent, packet->frame))
    choose_packet(picker, packet, sent_call(sent));
  carrier_feed(picker->carrier, packet);
  (void) pull_messages(picker, packet); /* those of an earlier connection, too, if it begins anew */
  bool is_live = carrier_look(picker->carrier, &stream);
  if (is_live) {
    note_beginning(picker, stream.tcp);
    note_beginning(picker, stream.tcp->peer);
  }
  bool is_known = is_live && stream.tcp->syn_frame == packet->frame;
  bool is_syn = packet->tcp_flags & TCP_SYN && !is_known;
  if ((is_syn || (is_live && stream.opening)) && sent_add_common(sent, packet->frame))
    choose_packet(picker, packet, sent_call(sent));
  sent_forget(sent, stream.needed);
}

static void take_chunks(FramePicker *picker, const Packet *packet)
{
  SentFrames *sent = sent_of_packet(picker->sent, packet);
  SeqRange range;

  if (sctp_packet_tsns(packet, &range.start, &range.end)) {
    note_frames(picker, sent, packet, range);
    sent_forget(sent, range.start - SCTP_WINDOW);
  }
  carrier_feed(picker->carrier, packet);
  (void) pull_messages(picker, packet);
}

/* A datagram that is no SIP. */
static void take_media(FramePicker *picker, const Packet *packet)
{
  MediaCalls calls;

  switch (media_ends_match(picker->choice.media, packet, &calls)) {
  case MEDIA_CHOSEN:
    break;
  case MEDIA_OF_NOBODY:
    if (rtp_is_setup(packet->payload))
      early_frames_add(picker->early, packet);
    return;
  case MEDIA_OF_OTHERS:
    return;
  }
  g_array_set_size(picker->chosen, 0);
  early_frames_take(picker->early, packet, picker->chosen);
  for (size_t n = 0; n < calls.count; n++) {
    uint32_t call = number_of(picker, &calls, n);
    choose_packet(picker, packet, call);
    for (guint i = 0; i < picker->chosen->len; i++)
      (void) frame_window_choose(&picker->window, g_array_index(picker->chosen, uint64_t, i), call);
  }
  choose_media_keys(picker, packet);
}

static void take_packet(FramePicker *picker, const Packet *packet)
{
  switch (packet->kind) {
  case PACKET_UDP:
    carrier_feed(picker->carrier, packet);
    if (!pull_messages(picker, packet) && picker->choice.media)
      take_media(picker, packet);
    break;
  case PACKET_TCP:
    take_segment(picker, packet);
    break;
  case PACKET_SCTP:
    take_chunks(picker, packet);
    break;
  case PACKET_NONE:
  case PACKET_UNDECODED:
    break;
  }
}

/* May a frame be chosen later than at once? */
static bool may_matter_later(const FramePicker *picker, const Packet *packet)
{
  if (packet->kind == PACKET_UDP)
    return picker->early && rtp_is_setup(packet->payload);
  if (packet->kind == PACKET_TCP)
    return packet->payload.len > 0 || packet->tcp_flags & (TCP_SYN | TCP_FIN | TCP_RST);
  return packet->kind == PACKET_SCTP || packet->waits;
}

void frame_picker_add_keys(FramePicker *picker, const SecretsList *secrets)
{
  TlsKeyLogFaults unused = {0};

  for (size_t i = 0; i < secrets->count; i++)
    if (secrets->items[i].kind == SECRETS_PRIVATE_KEY)
      (void) carrier_add_private_key(picker->carrier, secrets->items[i].text);
    else
      carrier_add_keys(picker->carrier, secrets->items[i].text, &unused);
}

void frame_picker_feed(FramePicker *picker, const Frame *frame)
{
  Packet packet;

  picker->now_ns = frame->time_ns;
  frame_picker_note_time(picker, frame->time_ns);
  packet_decode(picker->decoder, frame, &picker->scratch, &packet);
  frame_window_add(&picker->window, frame);
  take_packet(picker, &packet);
  if (!may_matter_later(picker, &packet))
    frame_window_drop_last(&picker->window);
}

static void expire(FramePicker *picker, int64_t now_ns)
{
  Packet packet;

  while (packet_decoder_expire(picker->decoder, now_ns, &picker->scratch, &packet))
    take_packet(picker, &packet);
  carrier_expire(picker->carrier, now_ns);
  (void) pull_messages(picker, NULL);
  arena_reset(&picker->scratch);
}

void frame_picker_expire(FramePicker *picker)
{
  if (picker->now_ns != TIME_NONE)
    expire(picker, picker->now_ns);
}

void frame_picker_end(FramePicker *picker)
{
  expire(picker, INT64_MAX);
  picker->ended = true;
}

void frame_picker_note_time(FramePicker *picker, int64_t now_ns)
{
  picker->latest_ns = MAX(picker->latest_ns, now_ns);
}

uint64_t frame_picker_unreadable(const FramePicker *picker)
{
  return picker->unreadable;
}

bool frame_picker_next(FramePicker *picker, PickedFrame *ret_frame)
{
  int64_t wait_ns = picker->choice.wait_ns, since_ns = INT64_MIN;

  if (picker->ended)
    since_ns = INT64_MAX;
  else if (wait_ns > 0)
    since_ns = picker->latest_ns - wait_ns;
  return frame_window_take(&picker->window, since_ns, ret_frame);
}

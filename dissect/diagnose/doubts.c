#include "dissect/diagnose/doubts.h"

#include "capture/language.h"

enum { ONE_WAY_MIN = 3, WALK_MAX = 2000 };

static void add(Doubts *doubts, Arena *arena, const char *format, ...) G_GNUC_PRINTF(3, 4);

static void add(Doubts *doubts, Arena *arena, const char *format, ...)
{
  va_list arguments;

  if (doubts->count == DOUBTS_MAX)
    return;
  va_start(arguments, format);
  g_autofree char *text = g_strdup_vprintf(format, arguments);
  va_end(arguments);
  doubts->items[doubts->count++] = arena_copy(arena, text, strlen(text) + 1);
}

/* --- The capture ------------------------------------------------------------------------------ */

static void add_unread(const TraceStats *counts, Arena *arena, Doubts *doubts)
{
  for (unsigned i = 0; i < counts->undecoded.count; i++) {
    const UndecodedRow *row = &counts->undecoded.rows[i];
    char name[UNDECODED_NAME_MAX];

    if (row->kind != UNDECODED_TLS && row->kind != UNDECODED_WEBSOCKET)
      continue;
    undecoded_name(row, name);
    add(doubts, arena, _("not read: %s: %" G_GUINT64_FORMAT), name, row->count);
  }
}

void doubts_add_capture(const Trace *trace, Arena *arena, Doubts *doubts)
{
  const TraceStats *counts = trace_counts(trace);
  const struct {
    uint64_t count;
    const char *what;
  } ROWS[] = {
    {counts->dropped_packets, N_("packets dropped while capturing")},
    {counts->lost_fragments, N_("IP fragments that never became a whole datagram")},
    {counts->skipped_octets, N_("bytes of streams that are in no message")},
    {counts->incomplete, N_("messages with missing bytes")},
    {counts->undecoded_packets, N_("packets not decoded")},
    {counts->evicted_calls, N_("oldest calls discarded (limit reached)")},
    {trace_bursts_left_out(trace),
     N_("clients and numbers not watched for attacks (limit reached)")},
  };

  for (size_t i = 0; i < G_N_ELEMENTS(ROWS); i++)
    if (ROWS[i].count > 0)
      add(doubts, arena, "%s%s%" G_GUINT64_FORMAT, _(ROWS[i].what), _(": "), ROWS[i].count);
  add_unread(counts, arena, doubts);
  if (counts->responses == 0 && counts->requests >= ONE_WAY_MIN)
    add(doubts, arena, _("it has no response: one direction only, or nothing answers"));
  if (counts->requests == 0 && counts->responses >= ONE_WAY_MIN)
    add(doubts, arena, _("it has no request: one direction only"));
}

/* --- One call --------------------------------------------------------------------------------- */

bool call_is_one_way(const Call *call)
{
  bool is_answered = false;
  unsigned walked = 0;

  for (const Message *m = call->first; m && walked++ < WALK_MAX; m = m->next) {
    if (!message_is_request(m))
      return false;
    is_answered |= m->method == SIP_METHOD_ACK || m->method == SIP_METHOD_PRACK;
  }
  return is_answered && call->messages <= WALK_MAX;
}

static unsigned count_incomplete(const CallReading *reading)
{
  unsigned count = 0;

  for (size_t i = 0; i < reading->count; i++)
    count += (reading->items[i].message->flags & MESSAGE_INCOMPLETE) != 0;
  return count;
}

/* Audio was agreed on, and the capture has no RTP of any call. */
static bool lacks_media(const DoubtfulCall *of)
{
  if (!of->media || trace_stream_count(of->trace) > 0)
    return false;
  for (const MediaLeg *leg = of->media->legs; leg; leg = leg->next)
    if (leg->is_confirmed && leg->agreed[MEDIA_CALLER] && leg->agreed[MEDIA_CALLEE])
      return true;
  return false;
}

static void add_ends(const DoubtfulCall *of, Arena *arena, Doubts *doubts)
{
  CallState state = of->summary->state;

  if (of->call->is_midway)
    add(doubts, arena, _("the beginning of the call was not captured"));
  if (state == CALL_STATE_IN_CALL)
    add(doubts, arena, _("the call was still up at the end of the capture"));
  else if (state == CALL_STATE_CALLING || state == CALL_STATE_RINGING)
    add(doubts, arena, _("the call had no final response by the end of the capture"));
}

void doubts_add_call(const DoubtfulCall *of, Arena *arena, Doubts *doubts)
{
  unsigned incomplete = count_incomplete(of->reading);

  add_ends(of, arena, doubts);
  if (call_is_one_way(of->call))
    add(doubts, arena, _("only one direction of the call was captured"));
  if (incomplete > 0)
    add(doubts, arena,
        translate_count("%u of its messages has missing bytes",
                        "%u of its messages have missing bytes", incomplete),
        incomplete);
  if (of->reading->left_out > 0)
    add(doubts, arena, _("%u of its messages, beyond the first %d, were not read again"),
        of->reading->left_out, CALL_READING_MAX);
  if (of->reading->unreadable > 0)
    add(doubts, arena, _("%u of its messages could not be read again"), of->reading->unreadable);
  doubts->lacks_media = lacks_media(of);
  if (doubts->lacks_media)
    add(doubts, arena, "%s", DOUBT_NO_MEDIA);
}

bool capture_is_incomplete(const Trace *trace)
{
  const TraceStats *counts = trace_counts(trace);

  return counts->dropped_packets > 0 || counts->lost_fragments > 0 || counts->incomplete > 0 ||
         (counts->messages >= ONE_WAY_MIN && (counts->requests == 0 || counts->responses == 0));
}

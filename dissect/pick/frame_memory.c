#include "dissect/pick/frame_memory.h"

#include "capture/hash.h"

/* --- The window ----------------------------------------------------------------------------- */

enum { ROOM_FIRST = 256 };

void frame_window_clear(FrameWindow *window)
{
  g_free(window->frames);
  g_clear_pointer(&window->late, g_array_unref);
  g_clear_pointer(&window->calls, g_array_unref);
  *window = (FrameWindow){0};
}

static WindowFrame *frame_at(const FrameWindow *window, size_t index)
{
  return &window->frames[(window->first + index) & (window->room - 1)];
}

void frame_window_add(FrameWindow *window, const Frame *frame)
{
  if (window->count == window->room) {
    size_t room = MAX(window->room * 2, (size_t) ROOM_FIRST);
    WindowFrame *frames = g_new(WindowFrame, room);

    for (size_t i = 0; i < window->count; i++)
      frames[i] = *frame_at(window, i);
    g_free(window->frames);
    window->frames = frames;
    window->room = room;
    window->first = 0;
  }
  WindowFrame *added = frame_at(window, window->count++);
  *added = (WindowFrame){.frame = *frame};
  added->frame.data = NULL;
}

void frame_window_drop_last(FrameWindow *window)
{
  if (window->count > window->passed && !frame_at(window, window->count - 1)->chosen)
    window->count--;
}

static FrameCall *call_at(const FrameWindow *window, uint32_t place)
{
  return &g_array_index(window->calls, FrameCall, place);
}

static uint32_t new_call(FrameWindow *window)
{
  uint32_t place = window->free_calls;

  if (place != 0) {
    window->free_calls = call_at(window, place)->next;
    return place;
  }
  if (!window->calls) {
    window->calls = g_array_new(false, false, sizeof(FrameCall));
    g_array_set_size(window->calls, 1);
  }
  g_array_set_size(window->calls, window->calls->len + 1);
  return window->calls->len - 1;
}

/* False if it is the frame's already, or the frame has too many. */
static bool add_call(FrameWindow *window, WindowFrame *frame, uint32_t call)
{
  unsigned count = 0;

  for (uint32_t i = frame->calls; i != 0; i = call_at(window, i)->next)
    if (call_at(window, i)->call == call || ++count == FRAME_CALLS_MAX)
      return false;
  uint32_t place = new_call(window);
  *call_at(window, place) = (FrameCall){call, frame->calls};
  frame->calls = place;
  return true;
}

static void free_calls(FrameWindow *window, const WindowFrame *frame)
{
  for (uint32_t i = frame->calls, next; i != 0; i = next) {
    next = call_at(window, i)->next;
    call_at(window, i)->next = window->free_calls;
    window->free_calls = i;
  }
}

static void add_late(FrameWindow *window, const Frame *frame, uint32_t call)
{
  const PickedFrame late = {*frame, call};

  if (!window->late)
    window->late = g_array_new(false, false, sizeof(PickedFrame));
  if (window->late_taken == window->late->len) {
    g_array_set_size(window->late, 0);
    window->late_taken = 0;
  }
  g_array_append_val(window->late, late);
}

static void choose(FrameWindow *window, size_t index, uint32_t call)
{
  WindowFrame *frame = frame_at(window, index);
  bool is_news = call == 0 ? !frame->chosen : add_call(window, frame, call);

  if (index < window->passed && is_news)
    add_late(window, &frame->frame, call);
  frame->chosen = true;
}

bool frame_window_choose(FrameWindow *window, uint64_t number, uint32_t call)
{
  size_t low = 0, high = window->count;

  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (frame_at(window, middle)->frame.number < number)
      low = middle + 1;
    else
      high = middle;
  }
  if (low < window->count && frame_at(window, low)->frame.number == number)
    choose(window, low, call);
  return number > window->lost;
}

/* Those that can be neither chosen nor needed any more. */
static void drop_passed(FrameWindow *window)
{
  while (window->passed > 0 && ((frame_at(window, 0)->chosen && window->passed > window->kept) ||
                                window->count >= FRAME_WINDOW_MAX)) {
    const WindowFrame *oldest = frame_at(window, 0);
    if (!oldest->chosen)
      window->lost = oldest->frame.number;
    free_calls(window, oldest);
    window->first = (window->first + 1) & (window->room - 1);
    window->count--;
    window->passed--;
  }
}

/* For the call that came last; the others are the next. */
static PickedFrame pick(FrameWindow *window, const WindowFrame *frame)
{
  PickedFrame picked = {frame->frame, 0};

  if (frame->calls == 0)
    return picked;
  picked.call = call_at(window, frame->calls)->call;
  for (uint32_t i = call_at(window, frame->calls)->next; i != 0; i = call_at(window, i)->next)
    add_late(window, &frame->frame, call_at(window, i)->call);
  return picked;
}

bool frame_window_take(FrameWindow *window, int64_t since_ns, PickedFrame *ret_frame)
{
  if (window->late && window->late_taken < window->late->len) {
    *ret_frame = g_array_index(window->late, PickedFrame, window->late_taken++);
    return true;
  }
  while (window->passed < window->count) {
    const WindowFrame next = *frame_at(window, window->passed);
    if (!next.chosen && next.frame.time_ns >= since_ns && window->count < FRAME_WINDOW_MAX)
      return false;
    window->passed++;
    if (next.chosen)
      *ret_frame = pick(window, &next);
    drop_passed(window);
    if (next.chosen)
      return true;
  }
  return false;
}

/* --- What connections carried --------------------------------------------------------------- */

enum {
  FRAMES_MAX = 8 * 1024, /* of one direction; more than any message has segments */
  COMMON_MAX = 32,
  CHOSEN_MAX = 16,
  CHECK_FIRST = 16,
};

typedef struct {
  uint64_t number;
  SeqRange range;
} SentFrame;

struct SentFrames {
  ConnectionKey key; /* a: the source */
  GList link;        /* in `recent` */
  SentFrame *frames;
  size_t count, room;
  size_t check_at; /* how many there are when it is time to look which are needed */
  SentChoice chosen[CHOSEN_MAX];
  unsigned chosen_count; /* those beyond CHOSEN_MAX took the place of earlier ones */
  uint64_t common[COMMON_MAX];
  unsigned common_count;
  bool is_chosen; /* the connection: its common frames are, too, */
  uint32_t call;  /* for that call */
  bool is_cut;    /* the first of its frames were forgotten */
  bool has_isn;
  uint32_t isn;
  uint64_t syn_frame;
};

struct SentTable {
  GHashTable *connections; /* of ConnectionKey, which lies in its SentFrames */
  GQueue recent;           /* last used first */
  size_t connections_max;
  uint32_t seed;
};

SentTable *sent_table_new(size_t connections_max)
{
  SentTable *table = g_new0(SentTable, 1);

  table->connections = g_hash_table_new(connection_key_hash, connection_key_equal);
  table->connections_max = MAX(connections_max, (size_t) 2); /* both directions of one */
  table->seed = (uint32_t) hash_seed_new();
  return table;
}

static void drop_oldest(SentTable *table)
{
  SentFrames *sent = g_queue_peek_tail(&table->recent);

  g_queue_unlink(&table->recent, &sent->link);
  g_hash_table_remove(table->connections, &sent->key);
  g_free(sent->frames);
  g_free(sent);
}

void sent_table_free(SentTable *table)
{
  if (!table)
    return;
  while (table->recent.tail)
    drop_oldest(table);
  g_hash_table_unref(table->connections);
  g_free(table);
}

/* TCP and SCTP have ports of their own: their keys differ in the seed. */
static ConnectionKey key_of(const SentTable *table, const SentName *name)
{
  return (ConnectionKey){.a = name->src,
                         .b = name->dst,
                         .tunnel = name->tunnel,
                         .seed = name->is_sctp ? ~table->seed : table->seed};
}

SentFrames *sent_find(SentTable *table, const SentName *name)
{
  ConnectionKey key = key_of(table, name);

  return g_hash_table_lookup(table->connections, &key);
}

SentFrames *sent_of_packet(SentTable *table, const Packet *packet)
{
  const SentName name = {packet->src, packet->dst, packet->tunnel, packet->kind == PACKET_SCTP};
  SentFrames *sent = sent_find(table, &name);

  if (sent) {
    g_queue_unlink(&table->recent, &sent->link);
    g_queue_push_head_link(&table->recent, &sent->link);
    return sent;
  }
  if (table->recent.length >= table->connections_max)
    drop_oldest(table);
  sent = g_new0(SentFrames, 1);
  sent->key = key_of(table, &name);
  sent->link.data = sent;
  sent->check_at = CHECK_FIRST;
  g_hash_table_add(table->connections, &sent->key);
  g_queue_push_head_link(&table->recent, &sent->link);
  return sent;
}

/* Numbers wrap: one that is less than half of them after another is later (RFC 1982). */
static bool is_before(uint32_t a, uint32_t b)
{
  return (int32_t) (a - b) < 0;
}

static bool overlaps(SeqRange a, SeqRange b)
{
  return is_before(a.start, b.end) && is_before(b.start, a.end);
}

const SentChoice *sent_add(SentFrames *sent, uint64_t frame, SeqRange range)
{
  if (sent->count == FRAMES_MAX) { /* the first half goes: no message was made of it */
    sent->is_cut = true;
    sent->count -= FRAMES_MAX / 2;
    memmove(sent->frames, sent->frames + FRAMES_MAX / 2, sent->count * sizeof *sent->frames);
  }
  if (sent->count == sent->room) {
    sent->room = MAX(sent->room * 2, (size_t) 4);
    sent->frames = g_renew(SentFrame, sent->frames, sent->room);
  }
  sent->frames[sent->count++] = (SentFrame){frame, range};
  for (unsigned i = 0; i < MIN(sent->chosen_count, CHOSEN_MAX); i++)
    if (overlaps(range, sent->chosen[i].range))
      return &sent->chosen[i];
  return NULL;
}

/* Looks through all only when they have doubled, so a sent that waits for long costs no more. */
void sent_forget(SentFrames *sent, uint32_t before)
{
  size_t kept = 0;

  if (sent->count < sent->check_at)
    return;
  for (size_t i = 0; i < sent->count; i++)
    if (is_before(before, sent->frames[i].range.end))
      sent->frames[kept++] = sent->frames[i];
  sent->count = kept;
  sent->check_at = CLAMP(kept * 2, (size_t) CHECK_FIRST, (size_t) FRAMES_MAX);
}

bool sent_add_common(SentFrames *sent, uint64_t frame)
{
  if (sent->common_count < COMMON_MAX)
    sent->common[sent->common_count++] = frame;
  return sent->is_chosen;
}

bool sent_begin(SentFrames *sent, uint32_t isn, uint64_t syn_frame)
{
  SentChoice last = sent->chosen[(sent->chosen_count - 1) % CHOSEN_MAX];
  bool is_chosen = sent->chosen_count > 0 && last.range.start == isn + 1;
  size_t kept = 0;

  if (sent->has_isn && sent->isn == isn && sent->syn_frame == syn_frame)
    return false;
  sent->has_isn = true;
  sent->isn = isn;
  sent->syn_frame = syn_frame;
  for (size_t i = 0; i < sent->count; i++)
    if (sent->frames[i].range.start == isn + 1 && sent->frames[i].number >= syn_frame)
      sent->frames[kept++] = sent->frames[i];
  sent->count = kept;
  sent->chosen_count = sent->common_count = 0;
  sent->is_cut = false;
  sent->is_chosen = is_chosen;
  if (is_chosen)
    sent->chosen[sent->chosen_count++] = last;
  return sent_add_common(sent, syn_frame);
}

static void choose_common(SentFrames *sent, uint32_t call, GArray *to)
{
  if (!sent->is_chosen || sent->call != call)
    g_array_append_vals(to, sent->common, sent->common_count);
  sent->is_chosen = true;
  sent->call = call;
}

uint32_t sent_call(const SentFrames *sent)
{
  return sent->call;
}

bool sent_has_chosen(const SentFrames *sent)
{
  return sent->chosen_count > 0;
}

bool sent_is_cut(const SentFrames *sent)
{
  return sent->is_cut;
}

bool sent_continues(const SentFrames *sent, SeqRange range)
{
  const SeqRange *last = &sent->chosen[(sent->chosen_count - 1) % CHOSEN_MAX].range;

  if (sent->chosen_count > 0 && last->end == range.start)
    return true;
  return sent->has_isn && range.start == sent->isn + 1;
}

static void note_chosen(SentFrames *sent, SentChoice choice)
{
  SentChoice *last = &sent->chosen[(sent->chosen_count - 1) % CHOSEN_MAX];
  static const uint32_t JOINED_MAX = UINT32_C(1) << 30;

  if (sent->chosen_count > 0 && last->call == choice.call &&
      last->range.end == choice.range.start && choice.range.end - last->range.start < JOINED_MAX) {
    last->range.end = choice.range.end;
    return;
  }
  sent->chosen[sent->chosen_count++ % CHOSEN_MAX] = choice;
}

void sent_choose(SentTable *table, SentFrames *sent, SentChoice choice, GArray *to)
{
  ConnectionKey reverse = sent->key;

  reverse.a = sent->key.b;
  reverse.b = sent->key.a;
  SentFrames *peer = g_hash_table_lookup(table->connections, &reverse);
  note_chosen(sent, choice);
  choose_common(sent, choice.call, to);
  if (peer)
    choose_common(peer, choice.call, to);
  for (size_t i = 0; i < sent->count; i++)
    if (overlaps(sent->frames[i].range, choice.range))
      g_array_append_val(to, sent->frames[i].number);
}

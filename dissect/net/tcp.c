#include "dissect/net/tcp.h"

#include "capture/cache.h"
#include "capture/hash.h"
#include "capture/record_table.h"
#include "dissect/net/tcp_half.h"

/* RFC 9293 says nothing of captures: these are for segments that only the capture has late. */
static const int64_t START_WAIT_NS = 20 * 1000 * 1000;
static const int64_t ACKED_WAIT_NS = 100 * 1000 * 1000;

/* How far before the first captured byte a SYN may be that was captured late. */
enum { LATE_SYN_MAX = 64 * 1024 };

/* A clock that jumps back by more was wrong before. */
static const int64_t CLOCK_BACK_NS = INT64_C(60) * 1000 * 1000 * 1000;

/* A half that was silent for so long may continue anywhere: captures are often filtered. */
static const int64_t SILENCE_NS = INT64_C(10) * 1000 * 1000 * 1000;

/* A SYN that was seen in a connection that lives: what would begin with it. */
typedef struct {
  bool is_there, has_ack;
  uint32_t isn, ack;
  uint16_t ip_id;
  uint64_t frame;
} TcpOffer;

struct TcpConnection {
  ConnectionKey key;  /* the lower endpoint first */
  TcpHalf halves[2];  /* from key.a, from key.b */
  TcpOffer offers[2]; /* of the same */
  GList link;         /* in `recent` or `closing` */
  uint64_t moved;     /* TcpTable.moves when it was put first in `recent` */
  bool reset;         /* both halves end */
};

struct TcpTable {
  TcpLimits limits;
  RecordTable *connections; /* found by ConnectionKey */
  GQueue recent;            /* those in the table, last used first: see note_use */
  uint64_t moves;           /* to its front, so far */
  TcpConnection *last;      /* the one used last; NULL: it is closed, or there was none */
  GQueue closing;           /* taken out of the table, ends still to be reported */
  GQueue waiting[TCP_WAIT_COUNT];
  int64_t wait_ns[TCP_WAIT_COUNT];
  int64_t now_ns;
  size_t bytes; /* of all queues */
  uint64_t ignored;
  uint32_t seed;
  TcpPiece *lent;    /* what the last event showed */
  TcpHalf *asked;    /* answer to TCP_START is open */
  TcpHalf *draining; /* may have more to give */
  TcpHalf *fresh;    /* `segment` is of this half and not placed yet */
  TcpSegment segment;
};

static uint32_t connection_hash(const void *connection)
{
  return connection_key_hash(connection);
}

static bool connection_equal(const void *a, const void *b)
{
  return connection_key_equal(a, b);
}

static const RecordKey CONNECTION_KEY = {connection_hash, connection_equal};

TcpTable *tcp_table_new(TcpLimits limits)
{
  TcpTable *table = g_new0(TcpTable, 1);

  table->limits = limits;
  table->limits.connections = MAX(limits.connections, (size_t) 1);
  table->connections = record_table_new(&CONNECTION_KEY);
  table->wait_ns[TCP_WAIT_START] = START_WAIT_NS;
  table->wait_ns[TCP_WAIT_ACKED] = ACKED_WAIT_NS;
  table->wait_ns[TCP_WAIT_HOLE] = CLAMP(limits.gap_wait_ns, 0, CLOCK_BACK_NS);
  table->seed = (uint32_t) hash_seed_new();
  return table;
}

static void connections_free(GQueue *queue)
{
  for (GList *link; (link = g_queue_pop_head_link(queue));) {
    TcpConnection *connection = link->data;
    tcp_queue_clear(&connection->halves[0].queue);
    tcp_queue_clear(&connection->halves[1].queue);
    g_free(connection);
  }
}

void tcp_table_free(TcpTable *table)
{
  if (!table)
    return;
  connections_free(&table->recent);
  connections_free(&table->closing);
  record_table_free(table->connections);
  g_free(table->lent);
  g_free(table);
}

static void wait_stop(TcpTable *table, TcpHalf *half)
{
  if (half->waits)
    g_queue_unlink(&table->waiting[half->wait], &half->link);
  half->waits = false;
}

static void wait_start(TcpTable *table, TcpHalf *half, TcpWait wait)
{
  wait_stop(table, half);
  half->waits = true;
  half->wait = wait;
  half->wait_at = half->next;
  half->deadline = table->now_ns + table->wait_ns[wait];
  g_queue_push_tail_link(&table->waiting[wait], &half->link);
}

/* Has the segment after the hole been there for longer than any wait? */
static bool is_overdue(const TcpTable *table, const TcpHalf *half, TcpWait wait)
{
  const TcpPiece *first = tcp_queue_first(&half->queue);

  return first && first->time_ns <= table->now_ns - table->wait_ns[wait];
}

/* Decides whether the half waits, for what, or no longer. */
static void decide_wait(TcpTable *table, TcpHalf *half)
{
  half->giving_up = false;
  if (!tcp_half_has_hole(half)) {
    wait_stop(table, half);
    return;
  }
  TcpWait wait = TCP_WAIT_HOLE;
  if (!half->open)
    wait = TCP_WAIT_START;
  else if (tcp_half_hole_is_acked(half))
    wait = TCP_WAIT_ACKED;
  bool has_damaged = half->open && half->queue.damaged > 0 && wait == TCP_WAIT_ACKED;
  if (tcp_half_is_hopeless(half) || is_overdue(table, half, wait) || has_damaged) {
    wait_stop(table, half);
    half->giving_up = true;
    return;
  }
  if (half->waits && half->wait == wait && (half->wait_at == half->next || !half->open))
    return;
  bool same_hole = half->waits && half->open && half->wait_at == half->next;
  if (!same_hole || half->wait == TCP_WAIT_HOLE)
    wait_start(table, half, wait);
}

/* Takes the connection out of the table; tcp_next reports its ends. */
static void connection_close(TcpTable *table, TcpConnection *connection)
{
  if (table->last == connection)
    table->last = NULL;
  record_table_remove(table->connections, connection);
  g_queue_unlink(&table->recent, &connection->link);
  g_queue_push_tail_link(&table->closing, &connection->link);
}

static void half_init(TcpConnection *connection, unsigned index)
{
  TcpHalf *half = &connection->halves[index];

  half->connection = connection;
  half->link.data = half;
  half->stream.src = index == 0 ? connection->key.a : connection->key.b;
  half->stream.dst = index == 0 ? connection->key.b : connection->key.a;
  half->stream.tunnel = connection->key.tunnel;
  half->stream.peer = &connection->halves[1 - index].stream;
}

static TcpConnection *connection_new(TcpTable *table, const ConnectionKey *key)
{
  TcpConnection *connection = g_new0(TcpConnection, 1);

  if (record_table_count(table->connections) >= table->limits.connections)
    tcp_end_oldest(table);
  connection->key = *key;
  connection->link.data = connection;
  half_init(connection, 0);
  half_init(connection, 1);
  connection->moved = ++table->moves;
  record_table_put(table->connections, connection);
  g_queue_push_head_link(&table->recent, &connection->link);
  return connection;
}

bool tcp_end_oldest(TcpTable *table)
{
  TcpConnection *oldest = g_queue_peek_tail(&table->recent);

  if (!oldest || (table->fresh && table->fresh->connection == oldest))
    return false;
  connection_close(table, oldest);
  return true;
}

static TcpHalf *half_peer(const TcpHalf *half)
{
  TcpConnection *connection = half->connection;

  return half == &connection->halves[0] ? &connection->halves[1] : &connection->halves[0];
}

/* A client that was refused may try again with the number it had; a packet that was captured
 * twice has its IPv4 identification too. */
static bool syn_comes_again(const TcpHalf *half, const Packet *packet)
{
  bool is_copy = packet->ip_id != 0 && packet->ip_id == half->syn_ip_id;

  return half->stream.ended && half->stream.peer->ended && !is_copy;
}

/* The SYN of another connection than the one that is known? */
static bool syn_is_new(const TcpHalf *half, const Packet *packet)
{
  uint32_t seq = packet->tcp_seq;

  if (half->stream.has_isn)
    return seq != half->stream.isn || syn_comes_again(half, packet);
  if (half->stream.ended)
    return true;
  if (half->anchored) {
    int64_t lowest = half->open ? half->early : half->next;
    int64_t at = tcp_half_position(half, seq + 1);
    return at > lowest || lowest - at > LATE_SYN_MAX;
  }
  return half->has_acked && half->acked - (seq + 1) > LATE_SYN_MAX;
}

/* Has the packet nothing to do with the bytes its half had so far? */
static bool begins_anew(const TcpTable *table, TcpHalf *half, const Packet *packet)
{
  if (packet->tcp_flags & TCP_SYN || packet->payload.len == 0 || !half->anchored)
    return false;
  if (tcp_half_is_near(half, tcp_half_position(half, packet->tcp_seq))) {
    half->has_stray = false;
    return false;
  }
  if (half->stream.ended || (half->has_stray && half->stray == packet->tcp_seq) ||
      half->seen_ns < table->now_ns - SILENCE_NS)
    return true;
  half->has_stray = true;
  half->stray = packet->tcp_seq + (uint32_t) packet->payload.len;
  return false;
}

/* Only the end of `recent` matters, and each move touches two other connections, which are rarely
 * in the cache: what is among the newest stays where it is. */
static void note_use(TcpTable *table, TcpConnection *connection)
{
  if (table->moves - connection->moved < table->limits.connections / 4)
    return;
  g_queue_unlink(&table->recent, &connection->link);
  g_queue_push_head_link(&table->recent, &connection->link);
  connection->moved = ++table->moves;
}

static TcpConnection *connection_find(TcpTable *table, const ConnectionKey *key)
{
  TcpConnection *last = table->last;

  if (last && connection_key_equal(&last->key, key))
    return last;
  TcpConnection *connection = record_table_find(table->connections, key);
  cache_expect(connection, sizeof *connection);
  if (connection)
    note_use(table, connection);
  table->last = connection;
  return connection;
}

static bool is_from_high(const Packet *packet)
{
  return memcmp(&packet->src, &packet->dst, sizeof(Endpoint)) > 0;
}

static ConnectionKey connection_key_of(const TcpTable *table, const Packet *packet)
{
  bool from_high = is_from_high(packet);

  return (ConnectionKey){.a = from_high ? packet->dst : packet->src,
                         .b = from_high ? packet->src : packet->dst,
                         .tunnel = packet->tunnel,
                         .seed = table->seed};
}

const TcpStream *tcp_find(const TcpTable *table, const Packet *packet, uint32_t *ret_next)
{
  ConnectionKey key = connection_key_of(table, packet);
  const TcpConnection *connection = record_table_find(table->connections, &key);

  if (!connection)
    return NULL;
  const TcpHalf *half = &connection->halves[is_from_high(packet)];
  *ret_next = (uint32_t) half->next;
  return half->stream.ended ? NULL : &half->stream;
}

static void begin_at_syn(TcpHalf *half, const TcpOffer *syn)
{
  TcpStream *stream = &half->stream;

  if (!syn->is_there || stream->has_isn)
    return;
  stream->has_isn = true;
  stream->isn = syn->isn;
  stream->syn_frame = syn->frame;
  half->syn_ip_id = syn->ip_id;
  if (half->open)
    return;
  tcp_half_anchor(half, syn->isn + 1);
  tcp_half_open(half, tcp_half_position(half, syn->isn + 1));
  stream->from_syn = true;
}

static TcpOffer offer_of(const Packet *packet)
{
  return (TcpOffer){.is_there = packet->tcp_flags & TCP_SYN,
                    .has_ack = packet->tcp_flags & TCP_ACK,
                    .isn = packet->tcp_seq,
                    .ack = packet->tcp_ack,
                    .ip_id = packet->ip_id,
                    .frame = packet->frame};
}

/*
 * Is a connection begun that a SYN in this one offered?  The packet answers the SYN of the other
 * side, or is the data that follows the one of its own (where the capture has one direction only).
 */
static bool takes_offer(const TcpConnection *connection, unsigned side, const Packet *packet)
{
  const TcpOffer *own = &connection->offers[side], *other = &connection->offers[1 - side];
  uint32_t next = (uint32_t) connection->halves[side].next;
  uint32_t peer_next = (uint32_t) connection->halves[1 - side].next;
  bool answers = packet->tcp_flags & TCP_ACK && packet->tcp_ack == other->isn + 1;
  bool follows = packet->payload.len > 0 && packet->tcp_seq == own->isn + 1;

  if (packet->tcp_flags & TCP_RST)
    return false;
  if (other->is_there && answers && packet->tcp_ack != peer_next)
    return true;
  return own->is_there && follows && packet->tcp_seq != next;
}

static TcpConnection *connection_renew(TcpTable *table, TcpConnection *old)
{
  connection_close(table, old);
  return connection_new(table, &old->key);
}

/* The connection that was offered; what was counted as ignored was not. */
static TcpConnection *take_offer(TcpTable *table, TcpConnection *old)
{
  TcpConnection *connection = connection_renew(table, old);

  for (unsigned i = 0; i < 2; i++) {
    table->ignored -= old->offers[i].is_there;
    begin_at_syn(&connection->halves[i], &old->offers[i]);
    connection->halves[1 - i].has_acked = old->offers[i].has_ack;
    connection->halves[1 - i].acked = old->offers[i].ack;
  }
  return connection;
}

/* A SYN of other numbers than those of this connection; true when it is the end of that at once. */
static bool take_new_syn(TcpTable *table, TcpHalf *half, const Packet *packet)
{
  TcpConnection *connection = half->connection;
  TcpOffer *offer = &connection->offers[half != connection->halves];

  if (half->stream.ended)
    return true;
  table->ignored += !offer->is_there;
  *offer = offer_of(packet);
  return false;
}

/*
 * Has the segment a wrong checksum, where those of its sender are right?  Before one was, a wrong
 * one says nothing; and once the peer has acknowledged what only a wrong one brought, none does.
 */
static bool is_damaged(TcpHalf *half, const Packet *packet)
{
  if (half->checksums == TCP_CHECKSUMS_IGNORED ||
      (half->stream.unread && !(packet->tcp_flags & (TCP_SYN | TCP_FIN | TCP_RST))))
    return false;
  switch (packet_tcp_checksum(packet)) {
  case CHECKSUM_UNKNOWN:
    return false;
  case CHECKSUM_GOOD:
    half->checksums = TCP_CHECKSUMS_GOOD;
    half->has_wrong = false;
    return false;
  case CHECKSUM_WRONG:
    break;
  }
  bool takes_number = packet->payload.len > 0 || packet->tcp_flags & TCP_SYN;
  if (half->checksums == TCP_CHECKSUMS_UNKNOWN && takes_number && !half->has_wrong) {
    half->has_wrong = true;
    half->wrong_end =
      packet->tcp_seq + (uint32_t) packet->payload.len + (packet->tcp_flags & TCP_SYN ? 1 : 0);
  }
  return half->checksums == TCP_CHECKSUMS_GOOD;
}

/* The half that sent the packet; NULL when there is nothing to begin with it. */
static TcpHalf *half_of(TcpTable *table, const Packet *packet, bool *ret_damaged)
{
  bool from_high = is_from_high(packet);
  ConnectionKey key = connection_key_of(table, packet);
  TcpConnection *connection = connection_find(table, &key);

  if (!connection && (packet->tcp_flags & TCP_RST))
    return NULL;
  if (!connection)
    connection = connection_new(table, &key);
  TcpHalf *half = &connection->halves[from_high];
  cache_expect(half->stream.user, TCP_USER_EXPECTED);
  half->stream.is_captured = true;
  half->stream.dscp = packet->dscp;
  *ret_damaged = is_damaged(half, packet);
  if (*ret_damaged && (packet->payload.len == 0 || !half->open || half->stream.ended ||
                       packet->tcp_flags & (TCP_SYN | TCP_RST))) {
    table->ignored++;
    return NULL;
  }
  if (*ret_damaged)
    return half;
  if (takes_offer(connection, from_high, packet))
    return &take_offer(table, connection)->halves[from_high];
  if (packet->tcp_flags & TCP_SYN && syn_is_new(half, packet)) {
    if (!take_new_syn(table, half, packet))
      return NULL;
    return &connection_renew(table, connection)->halves[from_high];
  }
  if (begins_anew(table, half, packet))
    return &connection_renew(table, connection)->halves[from_high];
  return half;
}

/* What the packet acknowledges of the other half. */
static void note_ack(TcpTable *table, TcpHalf *half, const Packet *packet)
{
  if (!(packet->tcp_flags & TCP_ACK))
    return;
  if (half->has_wrong && (int32_t) (packet->tcp_ack - half->wrong_end) >= 0)
    half->checksums = TCP_CHECKSUMS_IGNORED;
  int32_t further = (int32_t) (packet->tcp_ack - half->acked);
  if (half->has_acked && further <= 0 && further > -LATE_SYN_MAX)
    return;
  half->has_acked = true;
  half->acked = packet->tcp_ack;
  if (half->waits)
    decide_wait(table, half);
  if (half->giving_up || half->has_fin)
    table->draining = half;
}

/*
 * RFC 5961 3.2: an RST counts at exactly the next number: after what came (a FIN included), or at
 * what the peer asked for last.  One that refuses a SYN acknowledges it (RFC 9293 3.10.7.3).
 */
static bool rst_counts(const TcpHalf *half, const Packet *packet)
{
  uint32_t seq = packet->tcp_seq;
  const TcpHalf *peer = half_peer(half);

  if (half->has_acked && seq == half->acked)
    return true;
  if (!half->anchored) {
    bool acks = packet->tcp_flags & TCP_ACK && peer->anchored;
    return !half->has_acked && (!acks || packet->tcp_ack == (uint32_t) tcp_half_highest(peer));
  }
  int64_t at = tcp_half_position(half, seq);
  if (half->has_fin && (at == half->fin || at == half->fin + 1))
    return true;
  return at == half->next || at == tcp_half_highest(half);
}

/* What a direction that did not end after all goes on with. */
static void half_continue(TcpHalf *half, const TcpHalf *old)
{
  int64_t next = tcp_half_highest(old);

  half->checksums = old->checksums;
  half->stream.is_captured = old->stream.is_captured;
  half->has_acked = old->has_acked;
  half->acked = old->acked;
  half->seen_ns = old->seen_ns;
  half->stream.has_isn = old->stream.has_isn;
  half->stream.isn = old->stream.isn;
  half->stream.syn_frame = old->stream.syn_frame;
  half->syn_ip_id = old->syn_ip_id;
  half->anchored = old->anchored;
  half->next = next;
  if (old->open)
    tcp_half_open(half, next);
}

/* In-order data come after the end: RST or FIN did not reach the peer, or was forged.  As the end
 * was reported, what follows is a connection of its own. */
static TcpHalf *revive(TcpTable *table, TcpHalf *half)
{
  TcpConnection *old = half->connection;
  TcpConnection *connection = connection_renew(table, old);

  table->ignored++;
  for (unsigned i = 0; i < 2; i++)
    half_continue(&connection->halves[i], &old->halves[i]);
  return &connection->halves[half != old->halves];
}

/*
 * No SYN was seen, but what the peer asked for last: what comes now begins there, or a
 * segment is missing; one byte before it is a keep-alive's (RFC 9293 3.8.4).
 */
static void begin_at_ack(TcpHalf *half, TcpSegment *segment)
{
  int64_t acked = tcp_half_position(half, half->acked);
  int64_t missing = segment->at - acked;

  if (half->open || !half->has_acked || tcp_queue_first(&half->queue))
    return;
  if (missing == -1 && segment->octets.len == 1)
    segment->octets = SLICE_NONE;
  if (missing >= 0 && missing <= LATE_SYN_MAX)
    tcp_half_open(half, acked);
}

/* Of several the first one counts, as its end is reached first. */
static void note_fin(TcpHalf *half, int64_t at, const Packet *packet)
{
  int64_t fin = at + (int64_t) packet->payload.len;

  if (!(packet->tcp_flags & TCP_FIN) || (half->has_fin && half->fin <= fin))
    return;
  if (!half->open && packet->payload.len == 0 && !tcp_queue_first(&half->queue))
    return; /* nothing was seen of it, and something may still come */
  half->ignored += half->has_fin;
  if (half->open && fin < tcp_half_highest(half)) {
    half->ignored++;
    return;
  }
  half->has_fin = true;
  half->fin = fin;
}

/* The clock does not go back, unless it was wrong by far. */
static void set_clock(TcpTable *table, int64_t now_ns)
{
  now_ns = CLAMP(now_ns, 0, INT64_MAX / 4);
  if (now_ns > table->now_ns || now_ns < table->now_ns - CLOCK_BACK_NS)
    table->now_ns = now_ns;
}

void tcp_feed(TcpTable *table, const Packet *packet)
{
  set_clock(table, packet->time_ns);
  table->fresh = NULL;
  bool damaged = false;
  TcpHalf *half = half_of(table, packet, &damaged);
  if (!half)
    return;
  bool ends = packet->tcp_flags & (TCP_FIN | TCP_RST);
  uint32_t seq = packet->tcp_seq + (packet->tcp_flags & TCP_SYN ? 1 : 0);
  if (packet->payload.len > 0)
    tcp_half_anchor(half, seq);
  int64_t at = tcp_half_position(half, seq);
  bool is_far = half->anchored && !tcp_half_is_near(half, at);
  if (is_far || (packet->tcp_flags & TCP_RST && !rst_counts(half, packet))) {
    table->ignored += ends || damaged;
    return;
  }
  half->seen_ns = table->now_ns;
  if (damaged)
    table->ignored++;
  else
    note_ack(table, half_peer(half), packet);
  if (packet->tcp_flags & TCP_RST) {
    half->connection->reset = true;
    table->draining = half;
    return;
  }
  if (half->stream.ended && (packet->payload.len < 2 || at < half->next))
    return;
  if (half->stream.ended)
    half = revive(table, half);
  if (!damaged) {
    const TcpOffer syn = offer_of(packet);
    begin_at_syn(half, &syn);
    note_fin(half, at, packet);
  }
  table->segment = (TcpSegment){at, packet->payload, packet, damaged};
  table->fresh = half;
}

void tcp_expire(TcpTable *table, int64_t now_ns)
{
  table->fresh = NULL;
  if (now_ns != INT64_MAX) {
    set_clock(table, now_ns);
    return;
  }
  while (table->recent.tail)
    connection_close(table, table->recent.tail->data);
}

void tcp_hold(TcpTable *table, TcpStream *stream)
{
  if (table->asked && &table->asked->stream == stream)
    table->asked = NULL;
}

uint64_t tcp_ignored_segments(const TcpTable *table)
{
  return table->ignored;
}

size_t tcp_waiting_bytes(const TcpTable *table)
{
  return table->bytes;
}

/* What tcp_next showed last is not needed any more; TCP_START was answered. */
static void release(TcpTable *table)
{
  g_free(table->lent);
  table->lent = NULL;
  if (!table->asked)
    return;
  table->asked->giving_up = true;
  table->draining = table->asked;
  table->asked = NULL;
}

/* Gives the next event of the half that is at work; false when it has no more. */
static bool drain_half(TcpTable *table, TcpEvent *ret_event)
{
  TcpHalf *half = table->draining;
  size_t before = half->queue.bytes;

  half->ending |= half->connection->reset;
  if (tcp_half_next(half, ret_event, &table->lent)) {
    table->bytes -= before - half->queue.bytes;
    return true;
  }
  decide_wait(table, half);
  if (half->giving_up)
    return false;
  TcpHalf *peer = half_peer(half);
  table->draining = half->connection->reset && !peer->stream.ended ? peer : NULL;
  return false;
}

/* A half of the connections that are closing; those that are done are freed. */
static TcpHalf *closing_half(TcpTable *table)
{
  TcpConnection *connection;

  while ((connection = g_queue_peek_head(&table->closing))) {
    for (size_t i = 0; i < 2; i++) {
      TcpHalf *half = &connection->halves[i];
      wait_stop(table, half);
      half->ending = true;
      if (!half->stream.ended)
        return half;
    }
    g_queue_unlink(&table->closing, &connection->link);
    g_free(connection);
  }
  return NULL;
}

static bool is_due(const TcpTable *table, const TcpHalf *half)
{
  if (table->bytes > table->limits.bytes || half->deadline <= table->now_ns)
    return true;
  return half->deadline > table->now_ns + table->wait_ns[half->wait]; /* the clock was set back */
}

/* A half that waited long enough, or the first of those that wait when too much does. */
static TcpHalf *impatient_half(TcpTable *table)
{
  for (int wait = 0; wait < TCP_WAIT_COUNT; wait++) {
    TcpHalf *half = g_queue_peek_head(&table->waiting[wait]);
    if (half && is_due(table, half)) {
      wait_stop(table, half);
      half->giving_up = true;
      return half;
    }
  }
  return NULL;
}

/* Places the fed segment, as far as one event reaches; false when it gave none. */
static bool place(TcpTable *table, TcpEvent *ret_event)
{
  TcpHalf *half = table->fresh;
  TcpSegment *segment = &table->segment;
  size_t before = half->queue.bytes;
  bool given = false;

  begin_at_ack(half, segment);
  if (half->stream.ended) {
    segment->octets = SLICE_NONE;
  } else if (half->open) {
    given = tcp_half_take(half, segment, ret_event);
  } else if (segment->octets.len > 0) {
    tcp_half_ask(half, segment, ret_event);
    table->asked = half;
    given = true;
  }
  table->bytes += half->queue.bytes - before;
  table->ignored += half->ignored;
  half->ignored = 0;
  if (segment->octets.len == 0) {
    table->fresh = NULL;
    table->draining = half;
  }
  return given;
}

bool tcp_next(TcpTable *table, TcpEvent *ret_event)
{
  release(table);
  for (;;) {
    if (table->draining && drain_half(table, ret_event))
      return true;
    if (table->draining)
      continue;
    table->draining = closing_half(table);
    if (!table->draining)
      table->draining = impatient_half(table);
    if (table->draining)
      continue;
    if (!table->fresh)
      return false;
    if (place(table, ret_event))
      return true;
  }
}

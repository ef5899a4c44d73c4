#include "dissect/stream/ended_table.h"

#include "dissect/stream/stream.h"

/* Who writes the key log may have written into a buffer, and copies of it come late, too. */
static const int64_t WAIT_NS = INT64_C(300) * 1000 * 1000 * 1000;

static void move_stream(EndedConnection *ended, TcpStream *to)
{
  Stream *stream = to->user;

  if (!stream)
    return;
  stream->tcp = to;
  stream->ended = ended;
  stream_hold_move(&stream->hold, to);
}

EndedConnection *ended_table_add(EndedTable *table, const TcpStream *tcp, int64_t now_ns)
{
  EndedConnection *ended = g_new(EndedConnection, 1);
  unsigned at = tcp > tcp->peer; /* which of both is first tells the sides apart */

  ended->link = (GList){.data = ended};
  ended->since_ns = now_ns;
  ended->sides[at] = *tcp;
  ended->sides[1 - at] = *tcp->peer;
  for (unsigned i = 0; i < 2; i++) {
    ended->sides[i].peer = &ended->sides[1 - i];
    move_stream(ended, &ended->sides[i]);
  }
  g_queue_push_tail_link(&table->connections, &ended->link);
  return ended;
}

void ended_table_remove(EndedTable *table, EndedConnection *ended)
{
  g_queue_unlink(&table->connections, &ended->link);
  g_free(ended);
}

EndedConnection *ended_table_due(const EndedTable *table, int64_t now_ns)
{
  EndedConnection *first = table->connections.head ? table->connections.head->data : NULL;

  if (!first || now_ns == INT64_MAX || table->connections.length > ENDED_MAX ||
      !ended_holds(&first->sides[0]))
    return first;
  bool is_new = now_ns - first->since_ns < WAIT_NS && first->since_ns - now_ns < WAIT_NS;
  return is_new ? NULL : first;
}

bool ended_holds(const TcpStream *tcp)
{
  const Stream *stream = tcp->user, *peer = tcp->peer->user;

  return (stream && !stream_hold_is_empty(&stream->hold)) ||
         (peer && !stream_hold_is_empty(&peer->hold));
}

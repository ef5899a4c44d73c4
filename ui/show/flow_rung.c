#include "ui/show/flow_rung.h"

#include "ui/show/ladder.h"

int flow_rung_compare(const Message *a, const Message *b)
{
  if (a->frame != b->frame)
    return a->frame < b->frame ? -1 : 1;
  return a->number < b->number ? -1 : a->number > b->number;
}

void flow_rung_append_name(GString *to, const Trace *trace, const Message *message, Slice phrase)
{
  if (message_is_request(message)) {
    Slice method = trace_method_name(trace, message->method);

    g_string_append_len(to, method.data, (gssize) method.len);
    return;
  }
  status_append(to, message->status);
  if (phrase.len > 0) {
    g_string_append_c(to, ' ');
    g_string_append_len(to, phrase.data, (gssize) phrase.len);
  }
}

void flow_rung_append_label(GString *to, const Trace *trace, const Message *message, Slice phrase)
{
  flow_rung_append_name(to, trace, message, phrase);
  if (message->flags & MESSAGE_HAS_SDP)
    g_string_append(to, " (SDP)");
}

unsigned flow_rung_marks(const Message *message)
{
  return (message->flags & MESSAGE_RETRANSMISSION ? LADDER_RETRANSMISSION : 0U) |
         (message->flags & MESSAGE_DUPLICATE ? LADDER_DUPLICATE : 0U) |
         (message->flags & MESSAGE_INCOMPLETE ? LADDER_INCOMPLETE : 0U);
}

void flow_rung_fit_clock(Clock *clock, int64_t start_ns, int64_t end_ns, unsigned width)
{
  enum { WIDE = 100 };

  clock->date = clock_day(clock, start_ns) != clock_day(clock, end_ns);
  clock->digits = width >= WIDE ? 6 : 3;
}

void flow_rung_append_endpoint(GString *to, const Endpoint *endpoint)
{
  char text[ENDPOINT_TEXT_MAX];
  bool known = endpoint->family != ADDRESS_NONE; /* one stands for those beyond the limit */

  g_string_append(to, known ? endpoint_format(endpoint, text) : "others");
}

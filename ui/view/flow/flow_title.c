/* What is said of a ladder in words. */
#include "ui/view/flow/flow_view.h"

/* ", call 3 (with 1: Session-ID)": what it is shown for. */
static void append_call(const FlowView *flow, uint32_t number, GString *to)
{
  g_string_append_printf(to, ", call %u", number);
  for (guint i = 0; i < flow->kin->len; i++) {
    const FlowKin *kin = &g_array_index(flow->kin, FlowKin, i);
    if (kin->number == number)
      g_string_append_printf(to, " (%s%u: %s)",
                             flow_evidence_is_fact(kin->evidence) ? "with " : "likely with ",
                             kin->of, flow_evidence_text(kin->evidence));
  }
}

static void append_arrow(GString *to, TextCharset charset)
{
  g_string_append(to, charset == TEXT_UTF8 ? " \xE2\x86\x92 " : " -> ");
}

/* "10.0.0.1:5060 -> 10.0.0.2:5060 UDP, 689 octets, transaction 2, dialog 1" */
void flow_append_facts(const FlowView *flow, const Message *message, GString *to)
{
  const Trace *trace = host_model(flow->view.host)->trace;

  aliases_append(NULL, trace_endpoint(trace, message->src), ALIAS_WITH_PORT, to);
  append_arrow(to, host_model(flow->view.host)->charset);
  aliases_append(NULL, trace_endpoint(trace, message->dst), ALIAS_WITH_PORT, to);
  g_string_append_printf(to, " %s", transport_name((Transport) message->transport));
  if (flow_model_call_count(flow->model) > 1)
    append_call(flow, message->transaction->call->number, to);
  g_string_append_printf(to, ", transaction %u", message->transaction->number);
  if (message->dialog)
    g_string_append_printf(to, ", dialog %u", message->dialog->number);
  g_string_append_printf(to, ", %u octets", message->len);
}

/* "sip:alice@example.com" without what all have in common. */
static void append_party(GString *to, Slice uri, TextCharset charset)
{
  if (slice_starts_with_nocase(uri, SLICE("sip:")))
    uri = slice_from(uri, strlen("sip:"));
  text_append_safe(to, uri, charset);
}

static void append_parties(const FlowView *flow, const Call *call, GString *to)
{
  TextCharset charset = host_model(flow->view.host)->charset;

  if (!call || !call->from.data || !call->to.data)
    return;
  g_string_append(to, ": ");
  append_party(to, call->from, charset);
  append_arrow(to, charset);
  append_party(to, call->to, charset);
}

static void append_count(GString *to, size_t count, const char *what)
{
  if (count > 0)
    g_string_append_printf(to, ", %zu %s", count, what);
}

/* "call 1, 3 of 40, 2 folded: alice@example.com -> bob@example.com" */
void flow_append_title(const View *view, GString *to)
{
  const FlowView *flow = (const FlowView *) view;
  FlowCounts counts = flow_model_counts(flow->model);
  size_t calls = flow_model_call_count(flow->model);
  size_t hidden = flow_columns_hidden_count(flow_model_columns(flow->model));
  uint32_t number = calls > 0 ? flow_model_call_at(flow->model, 0) : 0;
  const Message *message = flow_cursor_message(flow);

  if (calls == 1)
    g_string_append_printf(to, "call %u", number);
  else
    g_string_append_printf(to, "%zu calls", calls);
  if (message)
    g_string_append_printf(to, ", %zu of %zu", flow_model_place(flow->model, message) + 1,
                           counts.messages);
  append_count(to, counts.folded, "folded");
  append_count(to, counts.hidden, "not shown");
  append_count(to, hidden, hidden == 1 ? "column hidden" : "columns hidden");
  if (!flow_texts_readable(flow->texts))
    g_string_append(to, ", file unreadable");
  if (calls == 1)
    append_parties(flow, host_call(flow->view.host, number), to);
}

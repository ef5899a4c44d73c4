#include "ui/show/message_tree.h"

#include "capture/language.h"
#include "dissect/sip/gb_text.h"
#include "dissect/sip/sip_check.h"
#include "dissect/sip/sip_values.h"
#include "ui/show/copier_text.h"
#include "ui/show/text.h"
#include "ui/show/tree_build.h"

/* --- nodes --- */

/* False when there are too many nodes. */
static bool append_node(TreeBuilder *tree, const TreeItem *item)
{
  Slice from = item->octets.data ? item->octets : item->value;
  bool of_message = from.data && from.data >= tree->raw.data &&
                    from.data + from.len <= tree->raw.data + tree->raw.len;

  if (tree->nodes->len >= tree->node_max) {
    tree->cut = true;
    return false;
  }
  TreeNode node = {
    .name = item->name,
    .value = item->is_utf8 ? item->value : tree_body_text(tree, item->value),
    .note = item->note,
    .octets = of_message ? octets_of(tree->raw, from) : (Octets){0, 0},
    .end = tree->nodes->len + 1,
    .depth = (uint8_t) tree->depth,
    .kind = (uint8_t) item->kind,
    .style = (uint8_t) item->style,
    .closed = item->closed,
    .header = (uint16_t) item->header,
  };
  g_array_append_val(tree->nodes, node);
  return true;
}

void tree_put(TreeBuilder *tree, const TreeItem *item)
{
  append_node(tree, item);
}

void tree_begin(TreeBuilder *tree, const TreeItem *item)
{
  uint32_t index = tree->nodes->len;

  if (!append_node(tree, item) || tree->depth == TREE_DEPTH_MAX) {
    tree->beyond++;
    return;
  }
  tree->open[tree->depth++] = index;
}

TreeNode *tree_open_node(TreeBuilder *tree)
{
  if (tree->beyond > 0 || tree->depth == 0)
    return NULL;
  return &g_array_index(tree->nodes, TreeNode, tree->open[tree->depth - 1]);
}

void tree_end(TreeBuilder *tree)
{
  TreeNode *node = tree_open_node(tree);

  if (!node) {
    tree->beyond--;
    return;
  }
  node->end = tree->nodes->len;
  tree->depth--;
}

void tree_put_part(TreeBuilder *tree, const char *name, Slice value)
{
  if (value.data)
    tree_put(tree,
             &(TreeItem){.name = slice_from_string(_(name)), .value = value, .kind = TREE_PART});
}

void tree_put_params(TreeBuilder *tree, Slice params, TreeKind kind)
{
  SipParam param;

  while (!tree->cut && sip_param_next(&params, &param)) {
    const char *end =
      param.value.data ? param.value.data + param.value.len : param.name.data + param.name.len;
    tree_put(tree,
             &(TreeItem){.name = param.name,
                         .value = param.value,
                         .octets = slice_of(param.name.data, (size_t) (end - param.name.data)),
                         .kind = kind,
                         .style = STYLE_PARAMETER});
  }
}

Slice tree_body_text(TreeBuilder *tree, Slice text)
{
  return tree->gb ? gb_text_to_utf8(tree->arena, text) : text;
}

Slice tree_format(TreeBuilder *tree, const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list arguments;

  va_start(arguments, format);
  text = g_strdup_vprintf(translate(format), arguments);
  va_end(arguments);
  return arena_dup(tree->arena, slice_from_string(text));
}

/* --- what the trace knows --- */

static void put_fact(TreeBuilder *tree, const char *name, Slice value, Slice note)
{
  tree_put(tree,
           &(TreeItem){
             .name = slice_from_string(_(name)), .value = value, .note = note, .kind = TREE_FACT});
}

static Slice endpoint_text(TreeBuilder *tree, const Trace *trace, uint32_t id)
{
  char text[ENDPOINT_TEXT_MAX];

  return arena_dup(tree->arena,
                   slice_from_string(endpoint_format(trace_endpoint(trace, id), text)));
}

static const struct {
  unsigned flag;
  const char *text;
} MARKS[] = {
  {MESSAGE_RETRANSMISSION, N_("retransmission")},
  {MESSAGE_DUPLICATE, N_("duplicate: the same packet, captured or copied again")},
  {MESSAGE_INCOMPLETE, N_("incomplete: bytes are missing")},
  {MESSAGE_MALFORMED, N_("malformed")},
};

static void put_context(TreeBuilder *tree, const TreeFacts *facts, Slice call_id)
{
  static const char *const STATES[] = {
    [DIALOG_EARLY] = N_("early"),
    [DIALOG_CONFIRMED] = N_("confirmed"),
    [DIALOG_TERMINATED] = N_("terminated"),
  };
  const Transaction *transaction = facts->message->transaction;
  const Dialog *dialog = facts->message->dialog;
  Slice method = trace_method_name(facts->trace, transaction->method);

  put_fact(tree, "call", tree_format(tree, "%u", transaction->call->number), call_id);
  put_fact(tree, "transaction", tree_format(tree, "%u", transaction->number),
           tree_format(tree, "%.*s %u", SLICE_ARG(method), transaction->cseq));
  if (dialog)
    put_fact(tree, "dialog", tree_format(tree, "%u", dialog->number),
             slice_from_string(_(STATES[dialog->state])));
}

/* "192.0.2.1  agent 2001, edge-1" */
static void put_sender(TreeBuilder *tree, const Copier *copier)
{
  char host[ENDPOINT_TEXT_MAX];
  Slice agent = copier->agent != 0 ? tree_format(tree, "agent %u", copier->agent) : SLICE_NONE;
  const char *comma = agent.len > 0 && copier->node.len > 0 ? _(", ") : "";
  Slice name = tree_format(tree, "%.*s%s%.*s", SLICE_ARG(agent), comma, SLICE_ARG(copier->node));

  put_fact(tree, "copied to HEP by",
           copier->is_others
             ? SLICE("others")
             : tree_format(tree, "%s", endpoint_format_address(&copier->host, host)),
           name.len > 0 ? name : SLICE_NONE);
}

static void put_copier(TreeBuilder *tree, const Trace *trace, const Message *message)
{
  const Copier *copier = trace_copier(trace, message);
  g_autoptr(GString) clock = g_string_new(NULL);

  if (!copier)
    return;
  if (copier_is_probe(copier))
    put_fact(tree, "seen by probe", copier->node, SLICE_NONE);
  else
    put_sender(tree, copier);
  copier_append_clock(clock, copier);
  if (clock->len > 0)
    put_fact(tree, "its clock", tree_format(tree, "%s", clock->str), SLICE_NONE);
  if (correlation_of(message).len > 0)
    put_fact(tree, "correlation id", correlation_of(message), SLICE_NONE);
}

static void put_facts(TreeBuilder *tree, const TreeFacts *facts, const SipMsg *sip)
{
  const Message *message = facts->message;
  const char *transport = transport_name((Transport) message->transport);
  Slice src = endpoint_text(tree, facts->trace, message->src);
  Slice dst = endpoint_text(tree, facts->trace, message->dst);
  char time[TIME_TEXT_MAX];

  tree_begin(tree, &(TreeItem){.name = slice_from_string(_("Message")),
                               .value = tree_format(tree, "%u  %.*s -> %.*s %s", message->number,
                                                    SLICE_ARG(src), SLICE_ARG(dst), transport),
                               .kind = TREE_SECTION,
                               .closed = true});
  clock_format(facts->clock, message->time_ns, time);
  put_fact(tree, "time", tree_format(tree, "%s", time), SLICE_NONE);
  put_fact(tree, "frame", tree_format(tree, "%" G_GUINT64_FORMAT, (uint64_t) message->frame),
           SLICE_NONE);
  put_fact(tree, "source", src, SLICE_NONE);
  put_fact(tree, "destination", dst, SLICE_NONE);
  put_fact(tree, "transport", slice_from_string(transport), SLICE_NONE);
  put_copier(tree, facts->trace, message);
  put_fact(tree, "length", tree_format(tree, "%u bytes", message->len), SLICE_NONE);
  put_context(tree, facts, sip->call_id);
  for (size_t i = 0; i < G_N_ELEMENTS(MARKS); i++)
    if (message->flags & MARKS[i].flag)
      tree_put(tree, &(TreeItem){.name = slice_from_string(_("mark")),
                                 .value = slice_from_string(_(MARKS[i].text)),
                                 .kind = TREE_FACT,
                                 .style = STYLE_WARNING});
  tree_end(tree);
}

/* --- what is wrong --- */

static Style style_of_severity(SipSeverity severity)
{
  static const Style STYLES_OF[] = {
    [SIP_SEVERITY_NOTE] = STYLE_HINT,
    [SIP_SEVERITY_WARNING] = STYLE_WARNING,
    [SIP_SEVERITY_ERROR] = STYLE_ERROR,
  };

  return STYLES_OF[severity];
}

static void put_flaws(TreeBuilder *tree, const SipCheck *check)
{
  unsigned shown = MIN(check->count, SIP_CHECK_MAX);
  size_t last = tree->raw.len > 0 ? tree->raw.len - 1 : 0;

  if (shown == 0)
    return;
  tree_begin(tree, &(TreeItem){.name = slice_from_string(_("Anomalies")),
                               .value = tree_format(tree, "%u", check->count),
                               .note = slice_from_string(_(sip_severity_name(check->worst))),
                               .kind = TREE_SECTION,
                               .style = style_of_severity(check->worst)});
  for (unsigned i = 0; i < shown; i++) {
    const SipAnomalyInfo *info = sip_anomaly_info(check->items[i].id);
    Slice at = slice_from(tree->raw, MIN(check->items[i].offset, last));

    tree_put(tree, &(TreeItem){.name = slice_from_string(_(sip_severity_name(info->severity))),
                               .value = slice_from_string(_(info->text)),
                               .note = slice_from_string(info->section),
                               .octets = slice_head(at, 1),
                               .kind = TREE_FLAW,
                               .style = style_of_severity(info->severity)});
  }
  if (check->count > shown)
    tree_put(tree, &(TreeItem){.name = slice_from_string(_("more")),
                               .value = tree_format(tree, "%u", check->count - shown),
                               .kind = TREE_FLAW});
  tree_end(tree);
}

/* --- the message --- */

static void put_start_line(TreeBuilder *tree, const SipMsg *sip)
{
  const char *end = sip->start_line.data + sip->start_line.len;
  const char *uri_end = sip->uri.data ? sip->uri.data + sip->uri.len : end;

  tree_begin(tree, &(TreeItem){.name = sip->is_request ? slice_from_string(_("Request"))
                                                       : slice_from_string(_("Response")),
                               .value = sip->start_line,
                               .kind = TREE_SECTION,
                               .style = style_of_status(sip->status),
                               .closed = true});
  if (sip->is_request) {
    tree_put_part(tree, "method", sip->method_text);
    tree_put_uri(tree, "Request-URI", sip->uri);
    if (end > uri_end)
      tree_put_part(tree, "version", slice_trim(slice_of(uri_end, (size_t) (end - uri_end))));
  } else {
    static const char *const CLASSES[] = {
      NULL,
      N_("provisional"),
      N_("success"),
      N_("redirection"),
      N_("client error"),
      N_("server error"),
      N_("global failure"),
    };
    unsigned class = sip->status / 100;
    Slice code = sip->start_line, version = slice_cut(&code, ' ');
    code = slice_trim(code);
    tree_put_part(tree, "version", version);
    tree_put(tree,
             &(TreeItem){.name = SLICE("status"),
                         .value = slice_head(code, slice_find(code, ' ')),
                         .note = slice_from_string(
                           class > 0 && class < G_N_ELEMENTS(CLASSES) ? _(CLASSES[class]) : NULL),
                         .kind = TREE_PART,
                         .style = style_of_status(sip->status)});
    tree_put_part(tree, "reason", sip->reason);
  }
  tree_end(tree);
}

static TreeBuilder builder_of(Arena *arena, const SipMsg *sip, size_t node_max)
{
  return (TreeBuilder){
    .arena = arena,
    .raw = sip->raw,
    .nodes = g_array_new(false, false, sizeof(TreeNode)),
    .node_max = node_max,
    .time_ns = TIME_NONE,
  };
}

static void take_facts(TreeBuilder *tree, const SipMsg *sip, const TreeFacts *facts)
{
  tree->sip = sip;
  if (!facts)
    return;
  tree->time_ns = facts->message->time_ns;
  tree->verifier = trace_verifier(facts->trace);
}

/* Moves the nodes to the arena. */
static MessageTree take_tree(TreeBuilder *tree)
{
  MessageTree finished = {
    .nodes = arena_copy(tree->arena, tree->nodes->data, tree->nodes->len * sizeof(TreeNode)),
    .count = tree->nodes->len,
    .cut = tree->cut,
  };

  g_array_unref(tree->nodes);
  return finished;
}

MessageTree message_tree_build(Arena *arena, const SipMsg *sip, const TreeFacts *facts)
{
  TreeBuilder tree = builder_of(arena, sip, TREE_NODES_MAX);
  SipHeaderIter iter = sip_header_iter(sip);
  SipCheck check;

  sip_check(sip, &check);
  take_facts(&tree, sip, facts);
  if (facts)
    put_facts(&tree, facts, sip);
  put_flaws(&tree, &check);
  put_start_line(&tree, sip);
  tree_put_headers(&tree, &iter);
  tree.sip = NULL;
  tree.gb = gb_text_is_body(sip->content_type, sip->content.bytes);
  tree_put_body(&tree, sip);
  /* RFC 3261 18.3: bytes after the body are discarded. */
  Slice extra = slice_from(sip->raw, sip->header_len + sip->body.len);
  if (extra.len > 0)
    tree_put(&tree, &(TreeItem){.name = slice_from_string(_("After the body")),
                                .value = tree_format(&tree, "%zu bytes", extra.len),
                                .note = slice_from_string(_("not part of the message")),
                                .octets = extra,
                                .kind = TREE_SECTION,
                                .style = STYLE_WARNING});
  /* The deepest node at each flaw's byte is coloured; flaws of the whole message have offset 0. */
  MessageTree built = {(const TreeNode *) (void *) tree.nodes->data, tree.nodes->len, false};
  for (unsigned i = 0; i < MIN(check.count, SIP_CHECK_MAX); i++) {
    size_t at = message_tree_node_at(&built, check.items[i].offset);
    SipSeverity severity = sip_anomaly_info(check.items[i].id)->severity;

    if (check.items[i].offset > 0 && at < built.count && severity > SIP_SEVERITY_NOTE)
      g_array_index(tree.nodes, TreeNode, at).style = (uint8_t) style_of_severity(severity);
  }
  return take_tree(&tree);
}

MessageTree message_tree_build_headers(Arena *arena, const SipMsg *sip, const TreeFacts *facts)
{
  TreeBuilder tree = builder_of(arena, sip, UINT32_MAX);
  SipHeaderIter iter = sip_header_iter(sip);

  take_facts(&tree, sip, facts);
  tree_put_headers(&tree, &iter);
  return take_tree(&tree);
}

MessageTree message_tree_build_body(Arena *arena, const SipMsg *sip)
{
  TreeBuilder tree = builder_of(arena, sip, TREE_NODES_MAX);

  tree.gb = gb_text_is_body(sip->content_type, sip->content.bytes);
  tree_put_body(&tree, sip);
  return take_tree(&tree);
}

size_t message_tree_node_at(const MessageTree *tree, size_t offset)
{
  size_t found = tree->count;

  for (size_t i = 0; i < tree->count; i++) {
    const TreeNode *node = &tree->nodes[i];
    bool deeper = found == tree->count || node->depth >= tree->nodes[found].depth;

    if (node->kind != TREE_FLAW && deeper && octets_has(node->octets, offset))
      found = i;
  }
  return found;
}

size_t message_tree_parent(const MessageTree *tree, size_t node)
{
  uint8_t depth = tree->nodes[node].depth;

  while (depth > 0 && node > 0)
    if (tree->nodes[--node].depth < depth)
      return node;
  return tree->count;
}

#include "tests/test.h"

#include <stdio.h>

#include "ui/show/flow_columns.h"

enum { SEED = 42 };

typedef struct {
  const char *src, *dst; /* "1:5060": 10.0.0.1, port 5060 */
  const char *what;      /* a method or a status */
  const char *sent_by;   /* of the topmost Via */
  const char *contact;   /* or NULL */
  unsigned vias;         /* 0 means 1 */
} Sent;

typedef struct {
  const char *name;
  Transport transport;
  Sent sent[6];
  const char *nodes; /* of all endpoints as they appear: what each is named by */
} Case;

static const Case CASES[] = {
  {"the sent-by names the port where it listens",
   TRANSPORT_TCP,
   {{"1:60722", "2:5060", "INVITE", "10.0.0.1:6060"},
    {"2:5060", "1:60722", "200", "10.0.0.1:6060"},
    {"2:22600", "1:6060", "BYE", "10.0.0.2:5060"}},
   "1:6060 2:5060 2:5060 1:6060"},
  {"the usual port if there is none",
   TRANSPORT_TLS,
   {{"1:60722", "2:5061", "INVITE", "10.0.0.1"}, {"2:40000", "1:5061", "BYE", "10.0.0.2"}},
   "1:5061 2:5061 2:5061 1:5061"},
  {"only the ephemeral ports were seen",
   TRANSPORT_TCP,
   {{"1:60722", "2:5060", "INVITE", "10.0.0.1:6060"},
    {"1:60723", "2:5060", "BYE", "10.0.0.1:6060"}},
   "1:60722 2:5060 1:60722"},
  {"a response tells the same of its receiver",
   TRANSPORT_TCP,
   {{"2:5060", "1:60722", "200", "10.0.0.1:6060"}, {"2:4000", "1:6060", "BYE", "x.example.com"}},
   "2:5060 1:6060 2:5060 1:6060"},
  {"the Contact of a UAC tells it too, that of another one does not",
   TRANSPORT_TCP,
   {{"1:60722", "2:5060", "INVITE", "a.invalid", "<sip:a@10.0.0.1:6060>"},
    {"3:60722", "2:5060", "INVITE", "b.invalid", "<sip:a@10.0.0.3:6060>", 2},
    {"2:5060", "1:6060", "BYE", "10.0.0.2:5060"},
    {"2:5060", "3:6060", "BYE", "10.0.0.2:5060"}},
   "1:6060 2:5060 3:60722 1:6060 3:6060"},
  {"so does that of a response on a connection",
   TRANSPORT_TCP,
   {{"2:5060", "1:60722", "INVITE", "10.0.0.2"},
    {"1:60722", "2:5060", "200", "10.0.0.2", "<sip:a@10.0.0.1:6060>"},
    {"2:5060", "1:6060", "BYE", "10.0.0.2"}},
   "2:5060 1:6060 1:6060"},
  {"a host name on a connection stands for the port",
   TRANSPORT_TCP,
   {{"1:60722", "2:5060", "INVITE", "pbx.example.com:6060"},
    {"2:5060", "1:6060", "BYE", "10.0.0.2:5060"}},
   "1:6060 2:5060 1:6060"},
  {"or for the one endpoint that accepts connections",
   TRANSPORT_TCP,
   {{"1:60722", "2:5060", "INVITE", "pbx.example.com"},
    {"2:4000", "1:6060", "BYE", "10.0.0.2:5060"}},
   "1:6060 2:5060 2:5060 1:6060"},
  {"but not where two do",
   TRANSPORT_TCP,
   {{"1:60722", "2:5060", "INVITE", "pbx.example.com"},
    {"2:5060", "1:6060", "BYE", "10.0.0.2:5060"},
    {"2:5060", "1:6070", "BYE", "10.0.0.2:5060"}},
   "1:60722 2:5060 1:6060 1:6070"},
  {"a browser that connects again, and another one",
   TRANSPORT_WS,
   {{"1:50000", "2:80", "INVITE", "abc.invalid"},
    {"1:50001", "2:80", "BYE", "ABC.invalid"},
    {"1:50002", "2:80", "INVITE", "def.invalid"}},
   "1:50000 2:80 1:50000 1:50002"},
  {"two phones behind one address",
   TRANSPORT_TCP,
   {{"1:50000", "2:5060", "INVITE", "192.168.0.2:5060"},
    {"1:50001", "2:5060", "INVITE", "192.168.0.3:5060"},
    {"1:50002", "2:5060", "BYE", "192.168.0.2:5060"}},
   "1:50000 2:5060 1:50001 1:50000"},
  {"a datagram, too",
   TRANSPORT_UDP,
   {{"1:33489", "2:5060", "INVITE", "10.0.0.1"}, {"2:5060", "1:5060", "200", "10.0.0.1"}},
   "1:5060 2:5060 1:5060"},
  {"but there a name says nothing",
   TRANSPORT_UDP,
   {{"1:33489", "2:5060", "INVITE", "pbx.example.com"},
    {"2:5060", "1:5060", "200", "pbx.example.com"}},
   "1:33489 2:5060 1:5060"},
  {"two ports that it sends from are two nodes",
   TRANSPORT_UDP,
   {{"1:5060", "2:5060", "INVITE", "10.0.0.1:5060"},
    {"1:5080", "2:5060", "INVITE", "10.0.0.1:5080"}},
   "1:5060 2:5060 1:5080"},
  {"the ends of a message are never one node",
   TRANSPORT_TCP,
   {{"1:40000", "1:5060", "INVITE", "10.0.0.1"}, {"1:5060", "1:40000", "200", "10.0.0.1"}},
   "1:40000 1:5060"},
  {"even if they are found later",
   TRANSPORT_TCP,
   {{"1:40000", "2:5060", "INVITE", "10.0.0.1:5080"},
    {"2:5060", "1:5080", "BYE", "10.0.0.2:5060"},
    {"1:40000", "1:5080", "INFO", "10.0.0.1:5080"}},
   "1:40000 2:5060 1:5080"},
  {"a proxy and the UA behind it, on one host",
   TRANSPORT_TCP,
   {{"2:5060", "1:5060", "INVITE", "10.0.0.2:5060"},
    {"1:5060", "1:5080", "INVITE", "10.0.0.1:5060"},
    {"1:5080", "1:5060", "200", "10.0.0.1:5060", "<sip:x@10.0.0.1:5080>"},
    {"1:5060", "2:5060", "200", "10.0.0.2:5060", "<sip:x@10.0.0.1:5080>"}},
   "2:5060 1:5060 1:5080"},
  {"Via names one port where it listens, Contact another",
   TRANSPORT_UDP,
   {{"2:5060", "1:5060", "INVITE", "10.0.0.2"},
    {"2:5060", "1:7818", "ACK", "10.0.0.2"},
    {"1:1073", "2:5060", "BYE", "10.0.0.1:5060", "<sip:a@10.0.0.1:7818>"}},
   "2:5060 1:5060 1:5060 1:5060"},
  {"IPv6",
   TRANSPORT_TCP,
   {{"::60722", "2:5060", "INVITE", "[2001:db8::1]:6060"},
    {"2:5060", "::6060", "BYE", "10.0.0.2:5060"}},
   "::6060 2:5060 ::6060"},
};

static Endpoint endpoint_of(const char *text)
{
  unsigned host = 0, port = 0;
  Endpoint endpoint;

  if (sscanf(text, "::%u", &port) == 1) {
    assert_true(endpoint_parse(SLICE("2001:db8::1"), (uint16_t) port, &endpoint));
    return endpoint;
  }
  assert_int_equal(sscanf(text, "%u:%u", &host, &port), 2);
  return (Endpoint){
    .address = {10, 0, 0, (uint8_t) host}, .port = (uint16_t) port, .family = ADDRESS_IPV4};
}

typedef struct {
  Trace *trace;
  StoreSet *stores;
  unsigned store, branch;
} Bed;

static Bed bed_new(void)
{
  Bed bed = {.trace = trace_new(&LIMITS_DEFAULT), .stores = store_set_new()};

  assert_true(store_set_add_spool(bed.stores, &bed.store, NULL));
  return bed;
}

static void bed_clear(Bed *bed)
{
  trace_free(bed->trace);
  store_set_free(bed->stores);
}

static const Message *add(Bed *bed, const Sent *sent, Transport transport)
{
  bool response = g_ascii_isdigit(*sent->what);
  const char *method = response ? "INVITE" : sent->what;
  g_autofree char *start = response ? g_strdup_printf("SIP/2.0 %s OK", sent->what)
                                    : g_strdup_printf("%s sip:x@example.com SIP/2.0", method);
  g_autoptr(GString) text = g_string_new(start);

  g_string_append_printf(text, "\r\nVia: SIP/2.0/%s %s;branch=z9hG4bK%u\r\n",
                         transport_name(transport), sent->sent_by, bed->branch++);
  for (unsigned i = 1; i < sent->vias; i++)
    g_string_append(text, "Via: SIP/2.0/UDP 10.0.0.9;branch=z9hG4bKx\r\n");
  if (sent->contact)
    g_string_append_printf(text, "Contact: %s\r\n", sent->contact);
  g_string_append_printf(text,
                         "From: <sip:a@a>;tag=f\r\nTo: <sip:b@b>;tag=t\r\nCall-ID: one\r\n"
                         "CSeq: 1 %s\r\nContent-Length: 0\r\n\r\n",
                         method);
  Arrival arrival = {.raw = {.octets = slice_of(text->str, text->len), .transport = transport}};
  arrival.raw.frame = bed->branch;
  arrival.raw.src = endpoint_of(sent->src);
  arrival.raw.dst = endpoint_of(sent->dst);
  assert_true(store_append(bed->stores, bed->store, arrival.raw.octets, &arrival.raw.ref, NULL));
  assert_true(store_set_flush(bed->stores, NULL));
  assert_true(arrival_parse(&arrival, SEED));
  trace_note_time(bed->trace, 0, 0);
  return trace_add(bed->trace, &arrival);
}

static void append_name(GString *to, const Trace *trace, const FlowNodes *nodes, uint32_t id)
{
  const Endpoint *name = trace_endpoint(trace, flow_nodes_name(nodes, id));
  char address[16];

  if (name->family == ADDRESS_IPV4)
    g_snprintf(address, sizeof address, "%u:", name->address[3]);
  else
    g_strlcpy(address, "::", sizeof address);
  g_string_append_printf(to, "%s%s%u", to->len > 0 ? " " : "", address, name->port);
}

static void test_cases(void **state)
{
  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    const Case *c = &CASES[i];
    Bed bed = bed_new();
    g_autoptr(FlowNodes) nodes = flow_nodes_new(bed.trace, bed.stores);
    g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(uint32_t));
    g_autoptr(GString) names = g_string_new(NULL);

    for (const Sent *sent = c->sent; sent < c->sent + G_N_ELEMENTS(c->sent) && sent->src; sent++) {
      const Message *message = add(&bed, sent, c->transport);

      flow_nodes_note(nodes, message);
      for (unsigned side = 0; side < 2; side++) {
        uint32_t id = side == 0 ? message->src : message->dst;
        bool known = false;

        for (guint k = 0; k < ids->len; k++)
          known |= g_array_index(ids, uint32_t, k) == id;
        if (!known)
          g_array_append_val(ids, id);
      }
    }
    for (guint k = 0; k < ids->len; k++)
      append_name(names, bed.trace, nodes, g_array_index(ids, uint32_t, k));
    if (strcmp(names->str, c->nodes) != 0)
      fail_msg("%s: %s", c->name, names->str);
    bed_clear(&bed);
  }
}

/* More endpoints of one host than are joined, each of which claims another port. */
static void test_bounds(void **state)
{
  Bed bed = bed_new();
  g_autoptr(FlowNodes) nodes = flow_nodes_new(bed.trace, bed.stores);
  unsigned changes = 0;

  (void) state;
  for (unsigned i = 0; i < 2 * FLOW_NODES_MAX; i++) {
    g_autofree char *src = g_strdup_printf("1:%u", 10000 + i);
    g_autofree char *sent_by = g_strdup_printf("10.0.0.1:%u", 10000 + (i ^ 1));
    const Message *message = add(&bed, &(Sent){src, "2:5060", "INVITE", sent_by}, TRANSPORT_TCP);

    changes += flow_nodes_note(nodes, message);
    if (i >= FLOW_NODES_MAX)
      assert_int_equal(flow_nodes_first(nodes, message->src), message->src);
  }
  assert_true(changes <= 64);
  bed_clear(&bed);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_cases),
    cmocka_unit_test(test_bounds),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}

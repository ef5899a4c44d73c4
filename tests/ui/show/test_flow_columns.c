#include "tests/test.h"

#include "dissect/trace/trace.h"
#include "ui/show/flow_model.h"

enum { HOSTS = 30, PORTS = 5, SEED = 42 };

static Endpoint host(unsigned number, unsigned port)
{
  return (Endpoint){.address = {10, 0, (uint8_t) (number >> 8), (uint8_t) number},
                    .port = (uint16_t) (5060 + port),
                    .family = ADDRESS_IPV4};
}

typedef struct {
  unsigned src, dst; /* numbers of hosts times PORTS, plus a port */
  uint64_t frame;
  unsigned branch;
} Sent;

/* A request of one call; the octets are in no store, so nothing can be read again. */
static const Message *add(Trace *trace, const Sent *sent)
{
  g_autofree char *text = g_strdup_printf("INFO sip:x@example.com SIP/2.0\r\n"
                                          "Via: SIP/2.0/UDP a;branch=z9hG4bK%u\r\n"
                                          "From: <sip:a@a>;tag=f\r\nTo: <sip:b@b>;tag=t\r\n"
                                          "Call-ID: one\r\nCSeq: 1 INFO\r\n"
                                          "Content-Length: 0\r\n\r\n",
                                          sent->branch);
  Arrival arrival = {.raw = {.octets = slice_from_string(text), .frame = sent->frame}};

  arrival.raw.time_ns = (int64_t) sent->frame * 1000000000;
  arrival.raw.src = host(sent->src / PORTS, sent->src % PORTS);
  arrival.raw.dst = host(sent->dst / PORTS, sent->dst % PORTS);
  assert_true(arrival_parse(&arrival, SEED));
  trace_note_time(trace, arrival.raw.time_ns, arrival.raw.time_ns);
  return trace_add(trace, &arrival);
}

static FlowModel *model_new(const Trace *trace, const StoreSet *stores)
{
  const FlowSetup setup = {trace, stores, {.fold = true}};

  return flow_model_new(&setup);
}

static void assert_columns(const FlowColumns *columns)
{
  size_t count = flow_columns_count(columns);
  uint64_t seen = 0;

  assert_true(count <= FLOW_COLUMNS_MAX);
  for (size_t i = 0; i < count; i++) {
    uint8_t slot = flow_columns_slot_at(columns, i);

    assert_true(slot < FLOW_COLUMNS_MAX);
    assert_false(seen >> slot & 1);
    seen |= UINT64_C(1) << slot;
    assert_int_equal(flow_columns_position(columns, slot), i);
  }
}

/* Each message is between columns that there are, and its endpoints are what these stand for. */
static void assert_rows(const FlowModel *model, const FlowColumns *columns, const Trace *trace)
{
  for (size_t i = 0; i < flow_model_row_count(model); i++) {
    FlowRow row = flow_model_row(model, i);
    const Endpoint *column = flow_columns_endpoint(columns, row.from);
    const Endpoint *endpoint = trace_endpoint(trace, row.message->src);

    assert_true(flow_columns_position(columns, row.from) < flow_columns_count(columns));
    assert_int_equal(flow_columns_slot_at(columns, flow_columns_position(columns, row.from)),
                     row.from);
    assert_false(flow_columns_is_hidden(columns, row.from));
    assert_false(flow_columns_is_hidden(columns, row.to));
    if (column && flow_columns_grouping(columns, row.from) == FLOW_BY_HOST)
      assert_memory_equal(column->address, endpoint->address, sizeof column->address);
    else if (column)
      assert_true(endpoint_eq(column, endpoint));
  }
}

static void read_all(FlowModel *model)
{
  while (flow_model_step(model, G_MAXINT64))
    continue;
}

static void change(FlowColumns *columns, GRand *random)
{
  size_t count = flow_columns_count(columns);
  uint8_t slot = flow_columns_slot_at(columns, (size_t) g_rand_int_range(random, 0, (int) count));

  switch (g_rand_int_range(random, 0, 7)) {
  case 0:
    flow_columns_hide(columns, slot);
    break;
  case 1:
    flow_columns_show_all(columns);
    break;
  case 2:
    flow_columns_group_all(columns, (FlowGrouping) g_rand_int_range(random, 0, 3));
    break;
  case 3:
  case 4:
    flow_columns_move(columns, slot, g_rand_boolean(random) ? 1 : -1);
    break;
  default:
    flow_columns_group(columns, slot, (FlowGrouping) g_rand_int_range(random, 0, 3));
  }
}

static void test_any_change(void **state)
{
  (void) state;
  for (uint32_t seed = 0; seed < 60; seed++) {
    GRand *random = g_rand_new_with_seed(seed);
    int hosts = 1 + (int) seed % HOSTS;
    g_autoptr(Trace) trace = trace_new(&LIMITS_DEFAULT);
    g_autoptr(StoreSet) stores = store_set_new();
    g_autoptr(FlowModel) model = model_new(trace, stores);
    FlowColumns *columns = flow_model_columns(model);

    for (unsigned i = 0; i < 200; i++) {
      Sent sent = {(unsigned) g_rand_int_range(random, 0, hosts * PORTS),
                   (unsigned) g_rand_int_range(random, 0, hosts * PORTS), i / 3 * 3 + 3 - i % 3, i};

      add(trace, &sent);
      flow_model_add_call(model, 1);
      read_all(model);
      if (i % 5 == 0) {
        change(columns, random);
        flow_model_columns_changed(model);
        read_all(model);
      }
      assert_columns(columns);
    }
    assert_rows(model, columns, trace);
    flow_columns_show_all(columns);
    flow_columns_group_all(columns, FLOW_BY_PORT);
    flow_model_columns_changed(model);
    read_all(model);
    assert_columns(columns);
    assert_rows(model, columns, trace);
    assert_int_equal(flow_columns_hidden_count(columns), 0);
    assert_int_equal(flow_model_counts(model).hidden, 0);
    g_rand_free(random);
  }
}

/* Split again, columns stand where they stood. */
static void test_merge_and_split(void **state)
{
  static const unsigned PAIRS[][2] = {{0, 5}, {1, 6}, {2, 10}, {0, 11}, {12, 13}};
  g_autoptr(Trace) trace = trace_new(&LIMITS_DEFAULT);
  g_autoptr(StoreSet) stores = store_set_new();
  g_autoptr(FlowModel) model = model_new(trace, stores);
  FlowColumns *columns = flow_model_columns(model);
  uint64_t frame = 1;

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(PAIRS); i++, frame++)
    add(trace, &(Sent){PAIRS[i][0], PAIRS[i][1], frame, (unsigned) frame});
  flow_model_add_call(model, 1);
  read_all(model);
  assert_int_equal(flow_columns_count(columns), 9);
  g_autoptr(GString) before = g_string_new(NULL), after = g_string_new(NULL);
  for (size_t i = 0; i < 9; i++)
    flow_columns_append_name(columns, flow_columns_slot_at(columns, i), NULL, before);
  flow_columns_group_all(columns, FLOW_BY_HOST);
  assert_int_equal(flow_columns_count(columns), 3);
  flow_columns_append_name(columns, flow_columns_slot_at(columns, 2), NULL, after);
  assert_string_equal(after->str, "10.0.0.2");
  g_string_truncate(after, 0);
  flow_columns_group_all(columns, FLOW_BY_PORT);
  assert_int_equal(flow_columns_count(columns), 9);
  for (size_t i = 0; i < 9; i++)
    flow_columns_append_name(columns, flow_columns_slot_at(columns, i), NULL, after);
  assert_string_equal(after->str, before->str);
  flow_columns_group(columns, flow_columns_slot_at(columns, 0), FLOW_BY_HOST);
  assert_int_equal(flow_columns_count(columns), 7);
}

static void test_move(void **state)
{
  g_autoptr(Trace) trace = trace_new(&LIMITS_DEFAULT);
  g_autoptr(StoreSet) stores = store_set_new();
  g_autoptr(FlowModel) model = model_new(trace, stores);
  FlowColumns *columns = flow_model_columns(model);

  (void) state;
  for (unsigned i = 0; i < 4; i++)
    add(trace, &(Sent){i * PORTS, (i + 1) * PORTS, i + 1, i});
  flow_model_add_call(model, 1);
  read_all(model);
  uint8_t first = flow_columns_slot_at(columns, 0), second = flow_columns_slot_at(columns, 1);
  assert_false(flow_columns_move(columns, first, -1));
  assert_true(flow_columns_hide(columns, second));
  assert_true(flow_columns_move(columns, first, 1)); /* past the hidden one */
  assert_int_equal(flow_columns_position(columns, first), 2);
  assert_true(flow_columns_move(columns, first, 1));
  assert_true(flow_columns_move(columns, first, 1));
  assert_false(flow_columns_move(columns, first, 1));
  assert_int_equal(flow_columns_position(columns, first), 4);
}

/* More endpoints than there can be columns, and than are told apart. */
static void test_bounds(void **state)
{
  enum { MANY = FLOW_ENDPOINTS_MAX * PORTS };
  g_autoptr(Trace) trace = trace_new(&LIMITS_DEFAULT);
  g_autoptr(StoreSet) stores = store_set_new();
  g_autoptr(FlowModel) model = model_new(trace, stores);
  FlowColumns *columns = flow_model_columns(model);

  (void) state;
  for (unsigned i = 0; i < MANY / 4; i++)
    add(trace, &(Sent){i, i + MANY / 2, i + 1, i});
  flow_model_add_call(model, 1);
  read_all(model);
  assert_int_equal(flow_columns_count(columns), FLOW_COLUMNS_MAX);
  assert_null(flow_columns_endpoint(columns, flow_columns_slot_at(columns, FLOW_COLUMNS_MAX - 1)));
  assert_columns(columns);
  assert_rows(model, columns, trace);
  flow_columns_group_all(columns, FLOW_BY_HOST);
  flow_model_columns_changed(model);
  read_all(model);
  assert_columns(columns);
  assert_rows(model, columns, trace);
  assert_int_equal(flow_model_row_count(model), MANY / 4);
}

/* Messages that were completed late, and their copies, stand where their frames are. */
static void test_late(void **state)
{
  (void) state;
  for (uint32_t seed = 0; seed < 40; seed++) {
    GRand *random = g_rand_new_with_seed(seed);
    g_autoptr(Trace) trace = trace_new(&LIMITS_DEFAULT);
    g_autoptr(StoreSet) stores = store_set_new();
    g_autoptr(FlowModel) model = model_new(trace, stores);
    g_autoptr(FlowModel) whole = model_new(trace, stores);

    for (unsigned i = 0; i < 300; i++) {
      unsigned from = (unsigned) g_rand_int_range(random, 0, 4);
      Sent sent = {from, from + 1, 1 + (uint64_t) MAX(0, (int) i - g_rand_int_range(random, 0, 20)),
                   (unsigned) g_rand_int_range(random, 0, 60)};

      add(trace, &sent);
      flow_model_add_call(model, 1);
      if (i % 7 == 0) /* rows are made anew while messages come */
        flow_model_set_options(model, &(FlowOptions){.fold = i % 2 == 0});
      flow_model_step(model, 0);
      assert_rows(model, flow_model_columns(model), trace);
    }
    flow_model_set_options(model, &(FlowOptions){.fold = true});
    read_all(model);
    flow_model_add_call(whole, 1);
    read_all(whole);
    assert_int_equal(flow_model_row_count(model), flow_model_row_count(whole));
    for (size_t i = 0; i < flow_model_row_count(model); i++) {
      FlowRow row = flow_model_row(model, i), same = flow_model_row(whole, i);

      assert_ptr_equal(row.message, same.message);
      assert_true(row.above_ns == same.above_ns);
      assert_int_equal(flow_columns_position(flow_model_columns(model), row.from),
                       flow_columns_position(flow_model_columns(whole), same.from));
    }
    assert_int_equal(flow_model_counts(model).folded, flow_model_counts(whole).folded);
    g_rand_free(random);
  }
}

/* An endpoint that no message has, as of RTP: its own column, behind the others, or its host's. */
static void test_alone(void **state)
{
  g_autoptr(Trace) trace = trace_new(&LIMITS_DEFAULT);
  StoreSet *stores = store_set_new();
  FlowNodes *nodes = flow_nodes_new(trace, stores);
  g_autoptr(FlowColumns) columns = flow_columns_new(trace, nodes);
  const Message *message = add(trace, &(Sent){0, PORTS, 1, 0});
  const Endpoint other = host(7, 1), same_host = host(0, 3000);
  const FlowPlace place = {1, 1, false}, last = {UINT64_MAX, 1, false};
  g_autoptr(GString) name = g_string_new(NULL);

  (void) state;
  flow_columns_group_all(columns, FLOW_BY_NODE);
  uint16_t alone = flow_columns_add_alone(columns, &other, last);
  uint16_t src = flow_columns_add(columns, message->src, place);
  flow_columns_add(columns, message->dst, place);
  assert_int_equal(flow_columns_add_alone(columns, &other, last), alone);
  assert_int_equal(flow_columns_count(columns), 3);
  assert_int_equal(flow_columns_position(columns, flow_columns_slot(columns, alone)), 2);
  flow_columns_append_name(columns, flow_columns_slot(columns, alone), NULL, name);
  assert_string_equal(name->str, "10.0.0.7:5061");
  uint16_t beside = flow_columns_add_alone(columns, &same_host, last);
  assert_int_equal(flow_columns_count(columns), 4);
  flow_columns_group_all(columns, FLOW_BY_HOST);
  assert_int_equal(flow_columns_count(columns), 3);
  assert_int_equal(flow_columns_slot(columns, beside), flow_columns_slot(columns, src));
  flow_nodes_free(nodes);
  store_set_free(stores);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_any_change), cmocka_unit_test(test_merge_and_split),
    cmocka_unit_test(test_move),       cmocka_unit_test(test_bounds),
    cmocka_unit_test(test_late),       cmocka_unit_test(test_alone),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}

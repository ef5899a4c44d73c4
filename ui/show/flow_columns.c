#include "ui/show/flow_columns.h"

#include "capture/language.h"

#define ALONE UINT32_MAX

enum { SHARED = 0 }; /* index of Seen for all endpoints that are not distinguished */

typedef struct {
  Endpoint endpoint;
  FlowPlace place;
  uint32_t id; /* of the trace, or ALONE */
  uint32_t host;
  uint8_t slot;  /* FLOW_COLUMN_NONE while columns are assigned again */
  uint8_t group; /* slot of the column of the node that it is the first endpoint of */
} Seen;

typedef struct {
  FlowGrouping by;
  uint8_t group; /* slot of the column of all its ports */
} Host;

typedef struct {
  FlowPlace place;
  uint32_t host;
  uint16_t endpoint; /* the first */
  FlowGrouping by;
  bool used, hidden;
} Column;

struct FlowColumns {
  const Trace *trace;
  const FlowNodes *nodes;
  GHashTable *ids;                  /* of the trace -> index of Seen */
  EndpointTable *alone;             /* not in the trace -> index of Seen */
  EndpointTable *hosts;             /* with port 0 -> index of Host */
  GArray *seen;                     /* Seen; the first is SHARED */
  GArray *host_array;               /* Host */
  Column columns[FLOW_COLUMNS_MAX]; /* by slot */
  uint8_t order[FLOW_COLUMNS_MAX], position[FLOW_COLUMNS_MAX];
  size_t count;
  uint8_t shared;  /* slot of the column of all others, or FLOW_COLUMN_NONE */
  FlowGrouping by; /* of hosts that are added */
  bool moved;
};

FlowColumns *flow_columns_new(const Trace *trace, const FlowNodes *nodes)
{
  FlowColumns *columns = g_new0(FlowColumns, 1);
  Seen shared = {.slot = FLOW_COLUMN_NONE, .group = FLOW_COLUMN_NONE};

  columns->trace = trace;
  columns->nodes = nodes;
  columns->ids = g_hash_table_new(NULL, NULL);
  columns->alone = endpoint_table_new(NULL);
  columns->hosts = endpoint_table_new(NULL);
  columns->seen = g_array_new(FALSE, FALSE, sizeof(Seen));
  columns->host_array = g_array_new(FALSE, FALSE, sizeof(Host));
  columns->shared = FLOW_COLUMN_NONE;
  g_array_append_val(columns->seen, shared);
  return columns;
}

void flow_columns_free(FlowColumns *columns)
{
  if (!columns)
    return;
  g_hash_table_unref(columns->ids);
  endpoint_table_free(columns->alone);
  endpoint_table_free(columns->hosts);
  g_array_unref(columns->seen);
  g_array_unref(columns->host_array);
  g_free(columns);
}

static Seen *seen_at(const FlowColumns *columns, uint32_t index)
{
  return &g_array_index(columns->seen, Seen, index);
}

static Host *host_at(const FlowColumns *columns, uint32_t index)
{
  return &g_array_index(columns->host_array, Host, index);
}

static bool place_is_before(FlowPlace a, FlowPlace b)
{
  if (a.frame != b.frame)
    return a.frame < b.frame;
  if (a.number != b.number)
    return a.number < b.number;
  return a.receiver < b.receiver;
}

static void note_positions(FlowColumns *columns)
{
  for (size_t i = 0; i < columns->count; i++)
    columns->position[columns->order[i]] = (uint8_t) i;
}

static void put_in_order(FlowColumns *columns, uint8_t slot, size_t at)
{
  memmove(columns->order + at + 1, columns->order + at, columns->count - at);
  columns->order[at] = slot;
  columns->count++;
  note_positions(columns);
}

static void take_out(FlowColumns *columns, uint8_t slot)
{
  size_t at = columns->position[slot];

  columns->count--;
  memmove(columns->order + at, columns->order + at + 1, columns->count - at);
  columns->columns[slot].used = false;
  note_positions(columns);
}

/* Position of a new column: before the first that appeared later; the shared one is always last. */
static size_t place_for(const FlowColumns *columns, FlowPlace place)
{
  size_t at = 0;

  while (at < columns->count && columns->order[at] != columns->shared &&
         !place_is_before(place, columns->columns[columns->order[at]].place))
    at++;
  return at;
}

static uint8_t add_column(FlowColumns *columns, uint16_t endpoint)
{
  const Seen *seen = seen_at(columns, endpoint);
  uint8_t slot = 0;

  while (columns->columns[slot].used)
    slot++;
  columns->columns[slot] = (Column){
    .place = seen->place,
    .host = seen->host,
    .endpoint = endpoint,
    .used = true,
    .by = endpoint == SHARED ? FLOW_BY_PORT : host_at(columns, seen->host)->by,
  };
  put_in_order(columns, slot,
               endpoint == SHARED ? columns->count : place_for(columns, seen->place));
  return slot;
}

static uint8_t shared_slot(FlowColumns *columns)
{
  if (columns->shared == FLOW_COLUMN_NONE) {
    columns->shared = add_column(columns, SHARED);
    seen_at(columns, SHARED)->slot = columns->shared;
  }
  return columns->shared;
}

/* Where the slot of the column is kept that the endpoint shares with others. */
static uint8_t *group_slot_of(const FlowColumns *columns, uint16_t endpoint)
{
  const Seen *seen = seen_at(columns, endpoint);
  Host *host = host_at(columns, seen->host);
  gpointer first = GUINT_TO_POINTER((guint) endpoint);

  if (host->by == FLOW_BY_HOST)
    return &host->group;
  if (host->by == FLOW_BY_NODE && seen->id != ALONE)
    g_hash_table_lookup_extended(
      columns->ids, GUINT_TO_POINTER(flow_nodes_first(columns->nodes, seen->id)), NULL, &first);
  return &seen_at(columns, GPOINTER_TO_UINT(first))->group;
}

/* The column of its group, a new one, or the shared one, for which the last column is reserved. */
static void give_column(FlowColumns *columns, uint16_t endpoint)
{
  Seen *seen = seen_at(columns, endpoint);
  uint8_t *group = group_slot_of(columns, endpoint);
  size_t own = columns->count - (columns->shared != FLOW_COLUMN_NONE);

  if (*group != FLOW_COLUMN_NONE)
    seen->slot = *group;
  else if (own + 1 < FLOW_COLUMNS_MAX)
    seen->slot = *group = add_column(columns, endpoint);
  else
    seen->slot = shared_slot(columns);
}

static uint32_t host_of(FlowColumns *columns, const Endpoint *endpoint)
{
  Endpoint address = *endpoint;
  gpointer found;

  address.port = 0;
  if (endpoint_table_find(columns->hosts, &address, &found))
    return GPOINTER_TO_UINT(found);
  Host host = {.by = columns->by, .group = FLOW_COLUMN_NONE};
  uint32_t index = columns->host_array->len;
  g_array_append_val(columns->host_array, host);
  endpoint_table_set(columns->hosts, &address, GUINT_TO_POINTER(index));
  return index;
}

static uint16_t add_endpoint(FlowColumns *columns, Seen seen)
{
  uint32_t index = columns->seen->len;

  seen.slot = seen.group = FLOW_COLUMN_NONE;
  if (index >= FLOW_ENDPOINTS_MAX) {
    shared_slot(columns);
    return SHARED;
  }
  seen.host = host_of(columns, &seen.endpoint);
  g_array_append_val(columns->seen, seen);
  if (seen.id == ALONE)
    endpoint_table_set(columns->alone, &seen.endpoint, GUINT_TO_POINTER(index));
  else
    g_hash_table_insert(columns->ids, GUINT_TO_POINTER(seen.id), GUINT_TO_POINTER(index));
  give_column(columns, (uint16_t) index);
  return (uint16_t) index;
}

/* A message that was completed late may be the first one of its endpoint. */
static void move_forward(FlowColumns *columns, Seen *seen, FlowPlace place)
{
  Column *column = &columns->columns[seen->slot];
  uint8_t slot = seen->slot;

  seen->place = place;
  if (slot == columns->shared || !place_is_before(place, column->place))
    return;
  column->place = place;
  if (columns->moved)
    return;
  take_out(columns, slot);
  column->used = true;
  put_in_order(columns, slot, place_for(columns, place));
}

uint16_t flow_columns_add(FlowColumns *columns, uint32_t id, FlowPlace place)
{
  gpointer found;

  if (!g_hash_table_lookup_extended(columns->ids, GUINT_TO_POINTER(id), NULL, &found))
    return add_endpoint(columns, (Seen){*trace_endpoint(columns->trace, id), place, .id = id});
  Seen *seen = seen_at(columns, GPOINTER_TO_UINT(found));
  if (place_is_before(place, seen->place))
    move_forward(columns, seen, place);
  return (uint16_t) GPOINTER_TO_UINT(found);
}

uint16_t flow_columns_add_alone(FlowColumns *columns, const Endpoint *endpoint, FlowPlace place)
{
  gpointer found;

  if (endpoint_table_find(columns->alone, endpoint, &found))
    return (uint16_t) GPOINTER_TO_UINT(found);
  return add_endpoint(columns, (Seen){*endpoint, place, .id = ALONE});
}

uint8_t flow_columns_slot(const FlowColumns *columns, uint16_t endpoint)
{
  return seen_at(columns, endpoint)->slot;
}

uint8_t flow_columns_slot_of(const FlowColumns *columns, uint32_t id)
{
  gpointer index;

  if (!g_hash_table_lookup_extended(columns->ids, GUINT_TO_POINTER(id), NULL, &index))
    return FLOW_COLUMN_NONE;
  return flow_columns_slot(columns, (uint16_t) GPOINTER_TO_UINT(index));
}

size_t flow_columns_count(const FlowColumns *columns)
{
  return columns->count;
}

uint8_t flow_columns_slot_at(const FlowColumns *columns, size_t position)
{
  return columns->order[position];
}

size_t flow_columns_position(const FlowColumns *columns, uint8_t slot)
{
  return columns->position[slot];
}

bool flow_columns_is_hidden(const FlowColumns *columns, uint8_t slot)
{
  return columns->columns[slot].hidden;
}

size_t flow_columns_hidden_count(const FlowColumns *columns)
{
  size_t hidden = 0;

  for (size_t i = 0; i < columns->count; i++)
    hidden += columns->columns[columns->order[i]].hidden;
  return hidden;
}

bool flow_columns_hide(FlowColumns *columns, uint8_t slot)
{
  if (flow_columns_hidden_count(columns) + 1 >= columns->count)
    return false;
  columns->columns[slot].hidden = true;
  return true;
}

void flow_columns_show_all(FlowColumns *columns)
{
  for (size_t i = 0; i < columns->count; i++)
    columns->columns[columns->order[i]].hidden = false;
}

bool flow_columns_move(FlowColumns *columns, uint8_t slot, int direction)
{
  size_t at = columns->position[slot], to = at;

  do {
    if (direction < 0 ? to == 0 : to + 1 >= columns->count)
      return false;
    to = direction < 0 ? to - 1 : to + 1;
  } while (columns->columns[columns->order[to]].hidden);
  columns->order[at] = columns->order[to];
  columns->order[to] = slot;
  columns->moved = true;
  note_positions(columns);
  return true;
}

void flow_columns_regroup(FlowColumns *columns)
{
  for (uint32_t i = 0; i < columns->host_array->len; i++)
    host_at(columns, i)->group = FLOW_COLUMN_NONE;
  for (uint32_t i = 0; i < columns->seen->len; i++)
    seen_at(columns, i)->slot = seen_at(columns, i)->group = FLOW_COLUMN_NONE;
  if (columns->shared != FLOW_COLUMN_NONE)
    take_out(columns, columns->shared);
  columns->shared = FLOW_COLUMN_NONE;
  /* Columns whose group has one already are removed, and those of hosts that were split.  Their
   * endpoints have no column then. */
  for (size_t i = 0; i < columns->count;) {
    uint8_t slot = columns->order[i];
    Column *column = &columns->columns[slot];
    FlowGrouping by = host_at(columns, column->host)->by;
    uint8_t *group = group_slot_of(columns, column->endpoint);

    if (by < column->by || *group != FLOW_COLUMN_NONE) {
      take_out(columns, slot);
      continue;
    }
    column->by = by;
    *group = slot;
    i++;
  }
  for (uint32_t i = SHARED + 1; i < columns->seen->len; i++)
    give_column(columns, (uint16_t) i);
  if (columns->seen->len >= FLOW_ENDPOINTS_MAX)
    shared_slot(columns);
}

void flow_columns_group(FlowColumns *columns, uint8_t slot, FlowGrouping by)
{
  if (slot == columns->shared)
    return;
  host_at(columns, columns->columns[slot].host)->by = by;
  flow_columns_regroup(columns);
}

void flow_columns_group_all(FlowColumns *columns, FlowGrouping by)
{
  columns->by = by;
  for (uint32_t i = 0; i < columns->host_array->len; i++)
    host_at(columns, i)->by = by;
  flow_columns_regroup(columns);
}

FlowGrouping flow_columns_grouping(const FlowColumns *columns, uint8_t slot)
{
  return columns->columns[slot].by;
}

bool flow_columns_is_group(const FlowColumns *columns, uint8_t slot)
{
  size_t endpoints = 0;

  for (uint32_t i = SHARED + 1; i < columns->seen->len && endpoints < 2; i++)
    endpoints += seen_at(columns, i)->slot == slot;
  return endpoints > 1;
}

const Endpoint *flow_columns_endpoint(const FlowColumns *columns, uint8_t slot)
{
  const Column *column = &columns->columns[slot];

  if (slot == columns->shared)
    return NULL;
  const Seen *seen = seen_at(columns, column->endpoint);
  if (column->by == FLOW_BY_NODE && seen->id != ALONE)
    return trace_endpoint(columns->trace, flow_nodes_name(columns->nodes, seen->id));
  return &seen->endpoint;
}

void flow_columns_append_name(const FlowColumns *columns, uint8_t slot, const Aliases *aliases,
                              GString *to)
{
  const Endpoint *endpoint = flow_columns_endpoint(columns, slot);

  if (endpoint)
    aliases_append(aliases, endpoint,
                   columns->columns[slot].by == FLOW_BY_HOST ? ALIAS_HOST : ALIAS_WITH_PORT, to);
  else
    g_string_append(to, _("others"));
}

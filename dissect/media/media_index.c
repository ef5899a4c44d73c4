#include "dissect/media/media_index.h"

enum { COMPACT_FROM = 16 }; /* claims that were given up */

/* Claims of one endpoint. */
typedef struct {
  GArray *claims; /* MediaClaim */
  guint given_up;
} Place;

struct MediaIndex {
  EndpointTable *places; /* -> Place; an SSRC is an endpoint without address family */
};

static void place_free(gpointer data)
{
  Place *place = data;

  g_array_unref(place->claims);
  g_free(place);
}

MediaIndex *media_index_new(void)
{
  MediaIndex *index = g_new(MediaIndex, 1);

  index->places = endpoint_table_new(place_free);
  return index;
}

void media_index_free(MediaIndex *index)
{
  endpoint_table_free(index->places);
  g_free(index);
}

static Endpoint endpoint_of_ssrc(uint32_t ssrc)
{
  Endpoint endpoint = {.family = ADDRESS_NONE};

  memcpy(endpoint.address, &ssrc, sizeof ssrc);
  return endpoint;
}

static Place *find_place(const MediaIndex *index, const Endpoint *endpoint)
{
  void *place;

  return endpoint_table_find(index->places, endpoint, &place) ? place : NULL;
}

void media_index_add(MediaIndex *index, const Endpoint *endpoint, const MediaClaim *claim)
{
  Place *place = find_place(index, endpoint);
  MediaClaim added = *claim;

  if (!place) {
    place = g_new0(Place, 1);
    place->claims = g_array_sized_new(false, false, sizeof(MediaClaim), 1);
    endpoint_table_set(index->places, endpoint, place);
  } else if (place->claims->len > 0) {
    const MediaClaim *last = &g_array_index(place->claims, MediaClaim, place->claims->len - 1);
    added.from_ns = MAX(added.from_ns, last->from_ns);
    added.message = MAX(added.message, last->message);
  }
  g_array_append_val(place->claims, added);
}

void media_index_add_ssrc(MediaIndex *index, uint32_t ssrc, const MediaClaim *claim)
{
  Endpoint endpoint = endpoint_of_ssrc(ssrc);

  media_index_add(index, &endpoint, claim);
}

/* Once half are given up, so that each costs as much as it took to add it. */
static void compact(Place *place)
{
  guint kept = 0;

  for (guint i = 0; i < place->claims->len; i++) {
    const MediaClaim *claim = &g_array_index(place->claims, MediaClaim, i);
    if (claim->call != 0)
      g_array_index(place->claims, MediaClaim, kept++) = *claim;
  }
  g_array_set_size(place->claims, kept);
  place->given_up = 0;
}

/* The first claim of that message or a later one. */
static guint find_message(const GArray *claims, uint32_t message)
{
  guint low = 0, high = claims->len;

  while (low < high) {
    guint middle = low + (high - low) / 2;
    if (g_array_index(claims, MediaClaim, middle).message < message)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

void media_index_remove(MediaIndex *index, const Endpoint *endpoint, uint32_t call,
                        uint32_t message)
{
  Place *place = find_place(index, endpoint);

  if (!place)
    return;
  for (guint i = find_message(place->claims, message); i < place->claims->len; i++) {
    MediaClaim *claim = &g_array_index(place->claims, MediaClaim, i);
    if (claim->message != message)
      break;
    if (claim->call != call)
      continue;
    place->given_up++;
    claim->call = 0;
  }
  if (place->given_up == place->claims->len)
    endpoint_table_remove(index->places, endpoint);
  else if (place->given_up > COMPACT_FROM && place->given_up > place->claims->len / 2)
    compact(place);
}

void media_index_remove_ssrc(MediaIndex *index, uint32_t ssrc, uint32_t call, uint32_t message)
{
  Endpoint endpoint = endpoint_of_ssrc(ssrc);

  media_index_remove(index, &endpoint, call, message);
}

MediaClaims media_index_until(const MediaIndex *index, const Endpoint *endpoint, int64_t time_ns)
{
  const Place *place = find_place(index, endpoint);

  if (!place)
    return (MediaClaims){0, NULL};
  guint low = 0, high = place->claims->len;
  while (low < high) {
    guint middle = low + (high - low) / 2;
    if (g_array_index(place->claims, MediaClaim, middle).from_ns <= time_ns)
      low = middle + 1;
    else
      high = middle;
  }
  return (MediaClaims){low, (const MediaClaim *) (const void *) place->claims->data};
}

MediaClaims media_index_ssrc_until(const MediaIndex *index, uint32_t ssrc, int64_t time_ns)
{
  Endpoint endpoint = endpoint_of_ssrc(ssrc);

  return media_index_until(index, &endpoint, time_ns);
}

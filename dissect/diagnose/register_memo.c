/* What was read, for rules that look at the calls around each call of an address-of-record, and
 * would read each of them many times. */
#include "capture/hash.h"
#include "dissect/diagnose/registrations_private.h"

/* When it is full, all of it is forgotten. */
enum { CHUNK_FIRST = 4096, USED_MAX = 16 * 1024 * 1024, TRANSACTIONS_MAX = 256 };

typedef struct {
  uint32_t messages; /* of the call when it was read */
  const RegisterEntry *entries;
} KnownCall;

struct RegisterMemo {
  uint64_t seed;
  Arena arena;                 /* of all below */
  GHashTable *calls;           /* number -> KnownCall */
  bool is_kept;                /* the call that is being read */
  RegisterEntry *first, *last; /* of it */
};

RegisterMemo *register_memo_new(void)
{
  RegisterMemo *memo = g_new0(RegisterMemo, 1);

  memo->seed = hash_seed_new();
  memo->calls = g_hash_table_new(g_direct_hash, g_direct_equal);
  arena_init(&memo->arena, CHUNK_FIRST);
  return memo;
}

void register_memo_free(RegisterMemo *memo)
{
  if (!memo)
    return;
  g_hash_table_unref(memo->calls);
  arena_clear(&memo->arena);
  g_free(memo);
}

uint64_t register_memo_seed(const RegisterMemo *memo)
{
  return memo->seed;
}

bool register_memo_find(const RegisterMemo *memo, const Call *call,
                        const RegisterEntry **ret_entries)
{
  const KnownCall *known = g_hash_table_lookup(memo->calls, GUINT_TO_POINTER(call->number));

  if (!known || known->messages != call->messages)
    return false;
  *ret_entries = known->entries;
  return true;
}

void register_memo_begin(RegisterMemo *memo, const Call *call)
{
  if (memo->arena.used > USED_MAX) {
    g_hash_table_remove_all(memo->calls);
    arena_clear(&memo->arena);
  }
  memo->is_kept = call->transaction_count <= TRANSACTIONS_MAX;
  memo->first = memo->last = NULL;
}

void register_memo_add(RegisterMemo *memo, const RegistrationAttempt *attempt,
                       const RegisterReading *reading)
{
  if (!memo->is_kept)
    return;
  RegisterEntry *entry = arena_alloc(&memo->arena, sizeof *entry);
  *entry = (RegisterEntry){.attempt = *attempt, .reading = *reading};
  register_reading_keep(&entry->reading, &memo->arena);
  if (memo->last)
    memo->last->next = entry;
  else
    memo->first = entry;
  memo->last = entry;
}

void register_memo_end(RegisterMemo *memo, const Call *call)
{
  if (!memo->is_kept)
    return;
  KnownCall *known = arena_alloc(&memo->arena, sizeof *known);
  *known = (KnownCall){call->messages, memo->first};
  g_hash_table_insert(memo->calls, GUINT_TO_POINTER(call->number), known);
}

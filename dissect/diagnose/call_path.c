#include "dissect/diagnose/call_path.h"

void call_path_find(const Trace *trace, const Call *call, const StoreSet *stores, Arena *arena,
                    CallPath *ret_path)
{
  ret_path->reading = call_reading_of(trace, call, stores, arena);
  ret_path->forwarding = forwarding_of(&ret_path->reading, arena);
}

void call_path_begin(const Trace *trace, const Call *call, const StoreSet *stores, Arena *arena,
                     CallPath *ret_path)
{
  ret_path->reading = stores ? call_reading_begin(trace, call, stores, arena)
                             : call_reading_of(trace, call, NULL, arena);
  ret_path->forwarding = forwarding_of(&ret_path->reading, arena);
}

void call_path_clear(CallPath *path)
{
  forwarding_clear(&path->forwarding);
}

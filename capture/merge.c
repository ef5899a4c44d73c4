#include "capture/merge.h"

typedef struct {
  CaptureFile *file;
  FrameBatch batch;
  size_t next; /* frame of the batch */
} Input;

/* Each input is in the heap while it has a frame, else among the hungry until it has ended. */
struct Merge {
  unsigned count;
  Input *inputs;
  unsigned *heap; /* numbers of inputs; the one that is next stands first */
  unsigned heap_len;
  unsigned *hungry;
  unsigned hungry_len;
};

Merge *merge_new(CaptureFile *const *files, unsigned count)
{
  Merge *merge = g_new0(Merge, 1);

  merge->count = count;
  merge->inputs = g_new0(Input, count);
  merge->heap = g_new(unsigned, count);
  merge->hungry = g_new(unsigned, count);
  for (unsigned i = 0; i < count; i++) {
    merge->inputs[i].file = files[i];
    merge->hungry[merge->hungry_len++] = i;
  }
  return merge;
}

void merge_free(Merge *merge)
{
  if (!merge)
    return;
  for (unsigned i = 0; i < merge->count; i++)
    frame_batch_clear(&merge->inputs[i].batch);
  g_free(merge->inputs);
  g_free(merge->heap);
  g_free(merge->hungry);
  g_free(merge);
}

static Frame *head(const Merge *merge, unsigned number)
{
  const Input *input = &merge->inputs[number];

  return &input->batch.frames[input->next];
}

static bool comes_before(const Merge *merge, unsigned a, unsigned b)
{
  int64_t time_a = head(merge, a)->time_ns;
  int64_t time_b = head(merge, b)->time_ns;

  return time_a != time_b ? time_a < time_b : a < b;
}

static void heap_add(Merge *merge, unsigned number)
{
  unsigned at = merge->heap_len++;

  while (at > 0 && comes_before(merge, number, merge->heap[(at - 1) / 2])) {
    merge->heap[at] = merge->heap[(at - 1) / 2];
    at = (at - 1) / 2;
  }
  merge->heap[at] = number;
}

/* Puts `number` where the first was, and then where it belongs. */
static void heap_replace_first(Merge *merge, unsigned number)
{
  unsigned at = 0;

  for (;;) {
    unsigned child = 2 * at + 1;
    if (child >= merge->heap_len)
      break;
    if (child + 1 < merge->heap_len &&
        comes_before(merge, merge->heap[child + 1], merge->heap[child]))
      child++;
    if (!comes_before(merge, merge->heap[child], number))
      break;
    merge->heap[at] = merge->heap[child];
    at = child;
  }
  merge->heap[at] = number;
}

static SourceStatus feed_last_hungry(Merge *merge)
{
  unsigned number = merge->hungry[merge->hungry_len - 1];
  Input *input = &merge->inputs[number];
  SourceStatus status = capture_file_read(input->file, &input->batch);

  if (status == SOURCE_IDLE)
    return status;
  merge->hungry_len--;
  input->next = 0;
  if (status == SOURCE_FRAMES)
    heap_add(merge, number);
  else
    frame_batch_clear(&input->batch);
  return status;
}

SourceStatus merge_peek(Merge *merge, Frame **ret_frame)
{
  while (merge->hungry_len > 0) {
    if (feed_last_hungry(merge) == SOURCE_IDLE)
      return SOURCE_IDLE;
  }
  if (merge->heap_len == 0)
    return SOURCE_END;
  *ret_frame = head(merge, merge->heap[0]);
  (*ret_frame)->input = (uint16_t) merge->heap[0];
  return SOURCE_FRAMES;
}

void merge_skip(Merge *merge)
{
  unsigned number = merge->heap[0];
  Input *input = &merge->inputs[number];

  input->next++;
  if (input->next < input->batch.count) {
    heap_replace_first(merge, number);
    return;
  }
  merge->hungry[merge->hungry_len++] = number;
  merge->heap_len--;
  if (merge->heap_len > 0)
    heap_replace_first(merge, merge->heap[merge->heap_len]);
}

#include "capture/zip_file.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "capture/error.h"
#include "capture/language.h"
#include "capture/reader.h"

enum {
  END_LEN = 22, /* end of central directory record, without comment */
  COMMENT_MAX = 65535,
  LOCATOR_LEN = 20, /* of the same with 64 bits */
  END64_LEN = 56,
  CENTRAL_LEN = 46,
  LOCAL_LEN = 30,
  DIRECTORY_MAX = 16 * 1024 * 1024,
};

enum {
  END_MAGIC = 0x06054b50,
  LOCATOR_MAGIC = 0x07064b50,
  END64_MAGIC = 0x06064b50,
  CENTRAL_MAGIC = 0x02014b50,
  LOCAL_MAGIC = 0x04034b50
};

/* Where the central directory is. */
typedef struct {
  uint64_t count, len, offset;
} Directory;

void zip_member_free(ZipMember *member)
{
  if (!member)
    return;
  g_free(member->name);
  g_free(member);
}

static void free_member(void *member)
{
  zip_member_free(member);
}

bool zip_file_detect(Slice head)
{
  return slice_starts_with(head, SLICE("PK\x03\x04")) ||
         slice_starts_with(head, SLICE("PK\x05\x06"));
}

static bool fail(GError **error, const char *why)
{
  g_set_error(error, APP_ERROR, APP_ERROR_FORMAT, _("damaged zip file: %s"), why);
  return false;
}

/* Reads exactly `len` bytes. */
static bool read_at(int fd, uint64_t offset, void *buffer, size_t len)
{
  size_t done = 0;

  while (done < len) {
    ssize_t n = pread(fd, (char *) buffer + done, len - done, (off_t) (offset + done));
    if (n < 0 && errno == EINTR)
      continue;
    if (n <= 0)
      return false;
    done += (size_t) n;
  }
  return true;
}

/* --- The directory (APPNOTE 4.3.12 to 4.3.16) ------------------------------------------------- */

static bool read_end64(int fd, uint64_t end_offset, Directory *directory)
{
  uint8_t bytes[END64_LEN];

  if (end_offset < LOCATOR_LEN || !read_at(fd, end_offset - LOCATOR_LEN, bytes, LOCATOR_LEN))
    return false;
  Reader locator = reader_of(bytes, LOCATOR_LEN);
  if (reader_u32le(&locator) != LOCATOR_MAGIC)
    return false;
  reader_skip(&locator, 4);
  uint64_t offset = reader_u32le(&locator);
  offset |= (uint64_t) reader_u32le(&locator) << 32;
  if (offset > end_offset || !read_at(fd, offset, bytes, END64_LEN))
    return false;
  Reader end = reader_of(bytes, END64_LEN);
  if (reader_u32le(&end) != END64_MAGIC)
    return false;
  reader_skip(&end, 28); /* to the number of entries */
  uint64_t *const fields[] = {&directory->count, &directory->len, &directory->offset};
  for (size_t i = 0; i < G_N_ELEMENTS(fields); i++) {
    *fields[i] = reader_u32le(&end);
    *fields[i] |= (uint64_t) reader_u32le(&end) << 32;
  }
  return !end.failed;
}

/* The last record whose comment reaches to the end of the file. */
static bool find_directory(int fd, uint64_t size, Directory *ret_directory)
{
  size_t tail_len = (size_t) MIN(size, (uint64_t) END_LEN + COMMENT_MAX);
  g_autofree uint8_t *tail = g_malloc(tail_len);

  if (tail_len < END_LEN || !read_at(fd, size - tail_len, tail, tail_len))
    return false;
  for (size_t at = tail_len - END_LEN + 1; at-- > 0;) {
    Reader end = reader_of(tail + at, tail_len - at);
    if (reader_u32le(&end) != END_MAGIC)
      continue;
    reader_skip(&end, 6);
    Directory directory = {.count = reader_u16le(&end)};
    directory.len = reader_u32le(&end);
    directory.offset = reader_u32le(&end);
    if (at + END_LEN + reader_u16le(&end) != tail_len)
      continue;
    bool is_large = directory.count == UINT16_MAX || directory.len == UINT32_MAX ||
                    directory.offset == UINT32_MAX;
    if (is_large && !read_end64(fd, size - tail_len + at, &directory))
      return false;
    *ret_directory = directory;
    return true;
  }
  return false;
}

/* --- Members (APPNOTE 4.3.7, 4.3.12, 4.5.3) --------------------------------------------------- */

/* Sizes and the offset of the local header that do not fit into 32 bits, in this order. */
static void read_extra64(Slice extra, uint64_t *const fields[3])
{
  enum { ZIP64 = 1 };
  Reader r = reader_of(extra.data, extra.len), part;

  while (reader_left(&r) >= 4) {
    uint16_t id = reader_u16le(&r), len = reader_u16le(&r);
    if (!reader_part(&r, len, &part))
      return;
    for (size_t i = 0; id == ZIP64 && i < 3; i++)
      if (*fields[i] == UINT32_MAX && reader_left(&part) >= 8) {
        uint64_t low = reader_u32le(&part);
        *fields[i] = low | (uint64_t) reader_u32le(&part) << 32;
      }
  }
}

static const char *fault_of(uint16_t flags, uint16_t method)
{
  enum { ENCRYPTED = 1 << 0, STORED = 0, DEFLATED = 8, AES = 99 };

  if ((flags & ENCRYPTED) || method == AES)
    return N_("encrypted; unpack it first");
  return method != STORED && method != DEFLATED ? N_("compressed in another way than deflate")
                                                : NULL;
}

/* The bytes of a member follow its local header, whose lengths may differ from the directory's. */
static void find_bytes(int fd, uint64_t size, uint64_t local, ZipMember *member)
{
  uint8_t bytes[LOCAL_LEN] = {0};
  Reader r = reader_of(bytes, LOCAL_LEN);

  if (local > size || !read_at(fd, local, bytes, LOCAL_LEN) || reader_u32le(&r) != LOCAL_MAGIC) {
    member->fault = N_("it is not where the directory says");
    return;
  }
  reader_skip(&r, 22);
  uint16_t name_len = reader_u16le(&r), extra_len = reader_u16le(&r);
  member->offset = local + LOCAL_LEN + name_len + extra_len;
  if (member->offset > size || size - member->offset < member->packed)
    member->fault = N_("its end is missing");
}

/* Takes the next entry; NULL at the end. */
static ZipMember *take_member(int fd, uint64_t size, Reader *directory)
{
  Reader r;

  if (!reader_part(directory, CENTRAL_LEN, &r) || reader_u32le(&r) != CENTRAL_MAGIC)
    return NULL;
  reader_skip(&r, 4);
  uint16_t flags = reader_u16le(&r), method = reader_u16le(&r);
  reader_skip(&r, 4);
  ZipMember *member = g_new0(ZipMember, 1);
  member->crc = reader_u32le(&r);
  member->packed = reader_u32le(&r);
  member->unpacked = reader_u32le(&r);
  uint16_t name_len = reader_u16le(&r), extra_len = reader_u16le(&r);
  uint16_t comment_len = reader_u16le(&r);
  reader_skip(&r, 8);
  uint64_t local = reader_u32le(&r);
  Slice name = reader_slice(directory, name_len), extra = reader_slice(directory, extra_len);
  reader_skip(directory, comment_len);
  if (directory->failed) {
    g_free(member);
    return NULL;
  }
  read_extra64(extra, (uint64_t *[]){&member->unpacked, &member->packed, &local});
  member->name = slice_dup(name);
  member->is_deflated = method != 0;
  member->fault = fault_of(flags, method);
  if (!member->fault)
    find_bytes(fd, size, local, member);
  return member;
}

static int compare_offsets(const void *a, const void *b)
{
  const ZipMember *left = *(ZipMember *const *) a, *right = *(ZipMember *const *) b;

  return (left->offset > right->offset) - (left->offset < right->offset);
}

/* Members that share bytes are made to give more than a disk holds: none of them is read. */
static void refuse_overlaps(const GPtrArray *members)
{
  g_autoptr(GPtrArray) sorted = g_ptr_array_sized_new(members->len);
  uint64_t end = 0;

  for (guint i = 0; i < members->len; i++)
    if (!((ZipMember *) members->pdata[i])->fault)
      g_ptr_array_add(sorted, members->pdata[i]);
  g_ptr_array_sort(sorted, compare_offsets);
  for (guint i = 0; i < sorted->len; i++) {
    ZipMember *member = sorted->pdata[i];
    if (member->offset < end)
      member->fault = N_("its bytes are also those of another member");
    end = MAX(end, member->offset + member->packed);
  }
}

GPtrArray *zip_file_read(int fd, uint64_t *ret_beyond, GError **error)
{
  Directory directory;
  struct stat status;

  if (fstat(fd, &status) != 0 || !find_directory(fd, (uint64_t) status.st_size, &directory)) {
    fail(error, _("it has no directory at its end"));
    return NULL;
  }
  g_autofree uint8_t *bytes = directory.len <= DIRECTORY_MAX ? g_malloc(directory.len + 1) : NULL;
  if (!bytes || !read_at(fd, directory.offset, bytes, directory.len)) {
    fail(error,
         bytes ? _("its directory cannot be read") : _("its directory is larger than 16 MiB"));
    return NULL;
  }
  GPtrArray *members = g_ptr_array_new_with_free_func(free_member);
  Reader r = reader_of(bytes, (size_t) directory.len);
  uint64_t taken = 0;
  ZipMember *member;
  while (members->len < ZIP_MEMBERS_MAX &&
         (member = take_member(fd, (uint64_t) status.st_size, &r)) != NULL) {
    taken++;
    if (g_str_has_suffix(member->name, "/"))
      zip_member_free(member);
    else
      g_ptr_array_add(members, member);
  }
  refuse_overlaps(members);
  *ret_beyond = directory.count > taken ? directory.count - taken : 0;
  return members;
}

#include "capture/confine.h"

#include <fcntl.h>
#include <linux/landlock.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Of a later kernel than the headers may be. */
#ifndef LANDLOCK_ACCESS_FS_REFER
#define LANDLOCK_ACCESS_FS_REFER (1ULL << 13)
#endif
#ifndef LANDLOCK_ACCESS_FS_TRUNCATE
#define LANDLOCK_ACCESS_FS_TRUNCATE (1ULL << 14)
#endif

enum { ABI_REFER = 2, ABI_TRUNCATE = 3 };

static const uint64_t READING = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;
static const uint64_t NEVER =
  LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_BLOCK;
static const uint64_t WRITING = LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_FILE |
                                LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_REFER |
                                LANDLOCK_ACCESS_FS_TRUNCATE;
static const uint64_t FOLDERS = LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_MAKE_DIR;
static const uint64_t OTHER =
  LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_SYM;

/* Where libraries have what they read when they need it: modules, character sets, time zones,
 * random bytes. */
static const char *const SYSTEM[] = {"/usr", "/lib", "/lib64",    "/etc",
                                     "/nix", "/gnu", "/proc/sys", "/dev/urandom"};

/* 0: none. */
static int landlock_abi(void)
{
  long abi =
    syscall(SYS_landlock_create_ruleset, NULL, (size_t) 0, LANDLOCK_CREATE_RULESET_VERSION);

  return (int) MAX(abi, 0);
}

static uint64_t known_to(int abi, uint64_t access)
{
  if (abi < ABI_REFER)
    access &= ~LANDLOCK_ACCESS_FS_REFER;
  if (abi < ABI_TRUNCATE)
    access &= ~LANDLOCK_ACCESS_FS_TRUNCATE;
  return access;
}

/* What is not there needs no rule. */
static void allow_below(int ruleset, const char *path, uint64_t access)
{
  static const uint64_t OF_FILES = LANDLOCK_ACCESS_FS_READ_FILE;
  struct landlock_path_beneath_attr rule = {.allowed_access = access};
  struct stat status;

  rule.parent_fd = open(path, O_PATH | O_CLOEXEC);
  if (rule.parent_fd < 0)
    return;
  if (fstat(rule.parent_fd, &status) == 0 && !S_ISDIR(status.st_mode))
    rule.allowed_access &= OF_FILES;
  syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0U);
  close(rule.parent_fd);
}

/* NULL: nothing may be opened at all. */
static void restrict_files(const Confinement *confinement)
{
  bool all_files = confinement && confinement->all_files;
  uint64_t folders = confinement && confinement->makes_folders ? FOLDERS : 0;
  int abi = landlock_abi();
  struct landlock_ruleset_attr attributes = {
    .handled_access_fs =
      known_to(abi, all_files ? NEVER : NEVER | READING | WRITING | FOLDERS | OTHER)};

  if (abi <= 0)
    return;
  int ruleset = (int) syscall(SYS_landlock_create_ruleset, &attributes,
                              sizeof attributes.handled_access_fs, 0U);
  if (ruleset < 0)
    return;
  for (size_t i = 0; confinement && !all_files && i < G_N_ELEMENTS(SYSTEM); i++)
    allow_below(ruleset, SYSTEM[i], READING);
  for (const char *const *folder = all_files || !confinement ? NULL : confinement->folders;
       folder && *folder; folder++)
    allow_below(ruleset, *folder, known_to(abi, READING | WRITING | folders));
  for (const char *const *path = all_files || !confinement ? NULL : confinement->readable;
       path && *path; path++)
    allow_below(ruleset, *path, READING);
  syscall(SYS_landlock_restrict_self, ruleset, 0U);
  close(ruleset);
}

void confine_process(const Confinement *confinement)
{
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
    return;
  restrict_files(confinement);
  seccomp_confine_process(confinement);
}

void confine_parser(void)
{
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
    return;
  restrict_files(NULL);
  seccomp_confine_parser();
}

char *confine_means(void)
{
  bool has_seccomp = seccomp_is_there();
  int abi = landlock_abi();

  if (abi <= 0)
    return has_seccomp ? g_strdup("seccomp") : NULL;
  return g_strdup_printf("%sLandlock (ABI %d)", has_seccomp ? "seccomp, " : "", abi);
}

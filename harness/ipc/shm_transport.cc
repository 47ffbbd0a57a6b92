#include "harness/ipc/shm_transport.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/eventfd.h>

#include <cstring>
#include <new>
#include <optional>

#include "harness/base/clock.h"
#include "harness/base/error.h"
#include "harness/base/shared_region.h"
#include "harness/ipc/far_copy.h"
#include "harness/ipc/futex.h"
#include "harness/ipc/shm_arena.h"
#include "harness/ipc/sockets.h"
#include "harness/ipc/write_ahead.h"

namespace coresweep {
namespace {

constexpr int64_t kLongestSleepNs = 100 * kNsPerMs;
constexpr int kLooksPerClockReading = 64;
constexpr int kClockReadingsPerLookAtParent = 64;

/// `shm` takes no part in lending: its dispatcher copies, whatever it copies from.
ChannelShape Copying(ChannelShape shape) {
  shape.lent = {};
  shape.held_answers = 0;
  return shape;
}

/// A copy of the header in a slot, checked.
ChunkHeader TakeHeader(const RingSlot& slot, const ChannelShape& shape, size_t most_bytes) {
  const ChunkHeader header = HeaderIn(slot);
  CheckHeader(header, shape, most_bytes);
  return header;
}

/// Of a payload: a short one lies in its slot, which the other end watches.
size_t BytesBeside(size_t payload_bytes) {
  return payload_bytes <= RingSlot::kInline ? 0 : payload_bytes;
}

class ShmDispatcherChannel : public DispatcherChannel {
 public:
  ShmDispatcherChannel(ShmArena arena, UniqueFd wake, const ChannelShape& shape)
      : shape_(shape),
        arena_(std::move(arena)),
        wake_(std::move(wake)),
        requests_(&arena_.head()->requests, arena_.RequestRing()),
        answers_(&arena_.head()->answers, arena_.AnswerRing()),
        ahead_(shape.spin_ns > 0) {}

  ShmDispatcherChannel(const ShmDispatcherChannel&) = delete;
  ShmDispatcherChannel& operator=(const ShmDispatcherChannel&) = delete;
  ~ShmDispatcherChannel() override {
    // In this order, and all four sequentially consistent: a worker that arms after the exchange
    // sees `closed`, one that armed before does not sleep on the word.
    arena_.head()->closed.store(1, std::memory_order_seq_cst);  // pairs with AwaitRequest
    arena_.head()->requests.armed.exchange(0, std::memory_order_seq_cst);
    FutexWakeAll(&arena_.head()->requests.armed);
  }

  bool TrySend(const ChunkHeader& header, std::span<const std::byte> payload) override {
    RingSlot* slot = requests_.TryAcquire();
    if (slot == nullptr) return false;
    const size_t written = Place(*slot, payload);
    requests_.Publish(header);
    if (requests_.MustWake()) FutexWakeAll(&arena_.head()->requests.armed);
    ahead_.Published(written);
    return true;
  }

  std::optional<Incoming> TryReceive() override {
    if (held_) answers_.Release(*held_);
    held_.reset();
    const auto answer = Take();
    held_ = answer ? std::optional(answer->slot) : std::nullopt;
    return answer;
  }

  int receive_fd() const override { return wake_.get(); }
  bool PrepareToSleep(size_t answers) override {
    return answers_.Arm(static_cast<uint32_t>(answers));
  }
  void Woken() override {
    eventfd_t count = 0;
    eventfd_read(wake_.get(), &count);
  }

 protected:
  /// Brings the payload of the next request to where the worker will look for it; how many bytes
  /// of it lie beside the slot.
  virtual size_t Place(RingSlot& slot, std::span<const std::byte> payload) {
    std::byte* to = arena_.Request(&slot, requests_.slot(), payload.size());
    if (!payload.empty() && to != payload.data()) FarCopy(to, payload.data(), payload.size());
    return BytesBeside(payload.size());
  }

  std::optional<Incoming> Take() {
    RingSlot* slot = answers_.TryFront();
    if (slot == nullptr) {
      ahead_.Idle([this](size_t bytes) -> const std::byte* {
        RingSlot* next = requests_.TryAcquire();
        return next == nullptr ? nullptr : arena_.Request(next, requests_.slot(), bytes);
      });
      return std::nullopt;
    }
    const ChunkHeader header = TakeHeader(*slot, shape_, shape_.answer_bytes);
    const uint32_t index = answers_.slot();
    answers_.Advance();
    return Incoming{
        header, {arena_.Answer(slot, index, header.payload_bytes), header.payload_bytes}, index};
  }

  const ChannelShape& shape() const { return shape_; }
  const ShmArena& arena() const { return arena_; }
  RingProducer& requests() { return requests_; }
  RingConsumer& answers() { return answers_; }

 private:
  ChannelShape shape_;
  ShmArena arena_;
  UniqueFd wake_;
  RingProducer requests_;
  RingConsumer answers_;
  WriteAhead ahead_;
  std::optional<uint32_t> held_;
};

class LoanDispatcherChannel final : public ShmDispatcherChannel {
 public:
  using ShmDispatcherChannel::ShmDispatcherChannel;

  std::span<std::byte> Loan(size_t bytes) override {
    if (shape().lent.bytes > 0 || bytes > shape().request_bytes) return {};
    RingSlot* slot = requests().TryAcquire();
    if (slot == nullptr) return {};
    return {arena().Request(slot, requests().slot(), bytes), bytes};
  }

  bool TrySend(const ChunkHeader& header, std::span<const std::byte> payload) override {
    const uint64_t asked = asked_ + (header.kind == MessageKind::kChunk ? header.chunks : 0);
    // So that there is a slot for every answer that is owed. Slots come back in their order: one
    // that is held counts with all behind it.
    const uint64_t slots =
        static_cast<uint64_t>(shape().credit) + static_cast<uint64_t>(shape().held_answers);
    if (asked > answers().returned() + slots) return false;
    if (!ShmDispatcherChannel::TrySend(header, payload)) return false;
    asked_ = asked;
    return true;
  }

  std::optional<Incoming> TryReceive() override { return Take(); }
  bool HoldsAnswers() const override { return true; }
  void Release(uint32_t slot) override { answers().Release(slot); }

 private:
  size_t Place(RingSlot& slot, std::span<const std::byte> payload) override {
    const LentMemory& lent = shape().lent;
    if (lent.bytes == 0) return ShmDispatcherChannel::Place(slot, payload);
    uint64_t offset = 0;
    if (!payload.empty()) {
      if (payload.data() < lent.data || payload.data() + payload.size() > lent.data + lent.bytes)
        throw Error("a payload lies outside of the memory that is lent to the worker");
      offset = static_cast<uint64_t>(payload.data() - lent.data);
    }
    std::memcpy(slot.payload, &offset, sizeof offset);
    return 0;
  }

  uint64_t asked_ = 0;  ///< answers asked for since the beginning
};

class ShmWorkerChannel : public WorkerChannel {
 public:
  ShmWorkerChannel(ShmArena arena, UniqueFd wake, const ChannelShape& shape)
      : shape_(shape),
        arena_(std::move(arena)),
        wake_(std::move(wake)),
        parent_(getppid()),
        requests_(&arena_.head()->requests, arena_.RequestRing()),
        answers_(&arena_.head()->answers, arena_.AnswerRing()),
        ahead_(shape.spin_ns > 0) {}

  std::optional<Incoming> Receive() override {
    ReleaseRequest();
    AtStep(shape_, Step::kWaiting);
    RingSlot* slot = AwaitRequest();
    if (slot == nullptr) return std::nullopt;
    const ChunkHeader header = TakeHeader(*slot, shape_, shape_.request_bytes);
    request_ = requests_.slot();
    requests_.Advance();
    AtStep(shape_, Step::kReceived);
    return Incoming{header, {Find(*slot, *request_, header.payload_bytes), header.payload_bytes}};
  }

  std::span<std::byte> AnswerSpace(size_t bytes) override {
    answer_ = answers_.TryAcquire();
    // The dispatcher takes every answer before it grants new credit, and there is a slot for each.
    if (answer_ == nullptr || bytes > shape_.answer_bytes) throw Error("no room for an answer");
    AtStep(shape_, Step::kAnswering);
    space_ = arena_.Answer(answer_, answers_.slot(), bytes);
    return {space_, bytes};
  }

  void Send(const ChunkHeader& header) override {
    if (answer_ == nullptr) throw Error("an answer was sent without room for it");
    AtStep(shape_, Step::kSending);
    // Shorter than the space that was asked for, it may have to lie in the slot itself.
    std::byte* place = arena_.Answer(answer_, answers_.slot(), header.payload_bytes);
    if (place != space_) std::memcpy(place, space_, header.payload_bytes);
    answers_.Publish(header);
    answer_ = nullptr;
    AtStep(shape_, Step::kPublished);
    if (answers_.MustWake()) eventfd_write(wake_.get(), 1);
    ahead_.Published(BytesBeside(header.payload_bytes));
    AtStep(shape_, Step::kSent);
  }

 protected:
  /// Where the payload of a request lies.
  virtual std::byte* Find(RingSlot& slot, uint32_t index, size_t bytes) {
    return arena_.Request(&slot, index, bytes);
  }

 private:
  void ReleaseRequest() {
    if (request_) requests_.Release(*request_);
    request_.reset();
  }

  /// Spins for the granted time, then arms, looks again and sleeps. nullptr: no more will come.
  RingSlot* AwaitRequest() {
    if (RingSlot* slot = requests_.TryFront()) return slot;
    if (shape_.spin_ns > 0) {
      if (RingSlot* slot = SpinForRequest()) return slot;
    }
    while (true) {
      if (!requests_.Arm(1)) return requests_.TryFront();
      AtStep(shape_, Step::kReceiving);
      if (Closed()) {
        requests_.Disarm();
        return requests_.TryFront();
      }
      FutexWait(requests_.armed(), 1, kLongestSleepNs);
      if (RingSlot* slot = requests_.TryFront()) {
        requests_.Disarm();
        return slot;
      }
      if (getppid() != parent_) return nullptr;
    }
  }

  RingSlot* SpinForRequest() {
    ahead_.Idle([this](size_t bytes) -> const std::byte* {
      RingSlot* next = answers_.TryAcquire();
      return next == nullptr ? nullptr : arena_.Answer(next, answers_.slot(), bytes);
    });
    const int64_t begin_ns = NowNs();
    for (int readings = 1; NowNs() - begin_ns < shape_.spin_ns && !Closed(); ++readings) {
      for (int look = 0; look < kLooksPerClockReading; ++look) {
        if (RingSlot* slot = requests_.TryFront()) return slot;
        SpinPause();
      }
      if (readings % kClockReadingsPerLookAtParent == 0 && getppid() != parent_) break;
    }
    return requests_.TryFront();
  }

  [[nodiscard]] bool Closed() const {
    return arena_.head()->closed.load(std::memory_order_seq_cst) !=
           0;  // pairs with ~ShmDispatcher…
  }

  ChannelShape shape_;
  ShmArena arena_;
  UniqueFd wake_;
  pid_t parent_;
  RingConsumer requests_;
  RingProducer answers_;
  WriteAhead ahead_;
  RingSlot* answer_ = nullptr;
  std::byte* space_ = nullptr;  ///< what `AnswerSpace` gave
  std::optional<uint32_t> request_;
};

class LoanWorkerChannel final : public ShmWorkerChannel {
 public:
  LoanWorkerChannel(ShmArena arena, UniqueFd wake, SharedRegion lent, const ChannelShape& shape)
      : ShmWorkerChannel(std::move(arena), std::move(wake), shape), lent_(std::move(lent)) {}

  bool PayloadIsReadOnly() const override { return static_cast<bool>(lent_); }

 private:
  std::byte* Find(RingSlot& slot, uint32_t index, size_t bytes) override {
    if (!lent_) return ShmWorkerChannel::Find(slot, index, bytes);
    uint64_t offset = 0;
    std::memcpy(&offset, slot.payload, sizeof offset);
    if (offset > lent_.size() || bytes > lent_.size() - offset) {
      throw Error(fmt::format("malformed message: {} bytes at {} of {} lent ones", bytes, offset,
                              lent_.size()));
    }
    return lent_.data() + offset;
  }

  SharedRegion lent_;
};

template <typename Channel>
Connection Open(const ChannelShape& shape) {
  SharedRegion region = SharedRegion::Create("coresweep.arena", ArenaLayout(shape).bytes);
  new (region.data()) ArenaHead{};
  UniqueFd wake(Check(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), "eventfd"));
  Connection connection;
  connection.worker_fds.push_back(Duplicate(region.fd()));
  connection.worker_fds.push_back(Duplicate(wake.get()));
  connection.dispatcher =
      std::make_unique<Channel>(ShmArena(std::move(region), shape), std::move(wake), shape);
  return connection;
}

ShmArena AttachArena(UniqueFd fd, const ChannelShape& shape) {
  return {SharedRegion::Attach(std::move(fd), ArenaLayout(shape).bytes,
                               SharedRegion::Access::kReadWrite),
          shape};
}

}  // namespace

size_t ShmArenaBytes(const ChannelShape& shape) {
  return ArenaLayout(Copying(shape)).bytes;
}

size_t ShmLoanArenaBytes(const ChannelShape& shape) {
  return ArenaLayout(shape).bytes;
}

Connection OpenShm(const ChannelShape& shape) {
  return Open<ShmDispatcherChannel>(Copying(shape));
}

std::unique_ptr<WorkerChannel> AttachShm(std::vector<UniqueFd> fds, const ChannelShape& shape) {
  const ChannelShape copying = Copying(shape);
  return std::make_unique<ShmWorkerChannel>(AttachArena(std::move(fds.at(0)), copying),
                                            std::move(fds.at(1)), copying);
}

Connection OpenShmLoan(const ChannelShape& shape) {
  Connection connection = Open<LoanDispatcherChannel>(shape);
  // Where nothing is lent the arena stands in, so that there are always as many descriptors.
  connection.worker_fds.push_back(
      Duplicate(shape.lent.bytes > 0 ? shape.lent.fd : connection.worker_fds[0].get()));
  return connection;
}

std::unique_ptr<WorkerChannel> AttachShmLoan(std::vector<UniqueFd> fds, const ChannelShape& shape) {
  SharedRegion lent;
  if (shape.lent.bytes > 0) {
    lent = SharedRegion::Attach(std::move(fds.at(2)), shape.lent.bytes,
                                SharedRegion::Access::kReadOnly);
  }
  return std::make_unique<LoanWorkerChannel>(AttachArena(std::move(fds.at(0)), shape),
                                             std::move(fds.at(1)), std::move(lent), shape);
}

}  // namespace coresweep

#include "harness/run/raw_line.h"

#include <cstring>
#include <new>

#include "harness/base/clock.h"
#include "harness/base/error.h"
#include "harness/base/shared_region.h"
#include "harness/ipc/futex.h"
#include "harness/ipc/sockets.h"
#include "harness/ipc/spsc_ring.h"

namespace coresweep {
namespace {

constexpr size_t kPage = 4096;
constexpr int64_t kLongestSleepNs = 100 * kNsPerMs;
constexpr uint32_t kSpinsBetweenLooks = 4096;

struct LineHead {
  alignas(kSharedLine) std::atomic<uint32_t> to_worker;      ///< messages sent so far
  alignas(kSharedLine) std::atomic<uint32_t> to_dispatcher;  ///< likewise
};

size_t SlotBytes(const RawShape& shape) {
  return (shape.bytes + kPage - 1) / kPage * kPage;
}

size_t RegionBytes(const RawShape& shape) {
  return kPage + size_t{2} * shape.slots * SlotBytes(shape);
}

class LineEnd final : public RawEnd {
 public:
  enum class Side { kDispatcher, kWorker };

  LineEnd(SharedRegion region, const RawShape& shape, Side side, const std::atomic<bool>* peer_gone)
      : region_(std::move(region)),
        spinning_(shape.spinning),
        slots_(shape.slots),
        peer_gone_(peer_gone) {
    auto* head = reinterpret_cast<LineHead*>(region_.data());
    const bool ours = side == Side::kDispatcher;
    out_ = ours ? &head->to_worker : &head->to_dispatcher;
    in_ = ours ? &head->to_dispatcher : &head->to_worker;
    slot_bytes_ = SlotBytes(shape);
    std::byte* requests = region_.data() + kPage;
    std::byte* answers = requests + slots_ * slot_bytes_;
    out_slots_ = ours ? requests : answers;
    in_slots_ = ours ? answers : requests;
    // The worker of transport `shm` writes its answers in place too.
    if (ours && shape.kind == RawKind::kLineCopied && CarriesPayload(shape))
      own_.resize(shape.bytes);
  }

  std::span<std::byte> Space(size_t bytes) override {
    return own_.empty() ? std::span(OutSlot(), bytes) : std::span(own_).first(bytes);
  }

  void Send(size_t bytes) override {
    if (!own_.empty() && bytes > 0) std::memcpy(OutSlot(), own_.data(), bytes);
    out_->store(++sent_, std::memory_order_release);  // pairs with Receive
    if (!spinning_) FutexWakeAll(out_);
  }

  std::span<const std::byte> Receive(size_t bytes) override {
    const uint32_t before = received_++;
    for (uint32_t turn = 1; in_->load(std::memory_order_acquire) == before; ++turn) {  // …Send
      if (!spinning_) FutexWait(in_, before, kLongestSleepNs);
      if (!spinning_ || turn % kSpinsBetweenLooks == 0) CheckPeer();
    }
    return {in_slots_ + before % slots_ * slot_bytes_, bytes};
  }

 private:
  [[nodiscard]] std::byte* OutSlot() const { return out_slots_ + sent_ % slots_ * slot_bytes_; }
  void CheckPeer() const {
    if (peer_gone_ != nullptr && peer_gone_->load(std::memory_order_relaxed)) {
      throw Error("the other end of a raw connection has gone");
    }
  }

  SharedRegion region_;
  bool spinning_;
  uint32_t slots_;
  const std::atomic<bool>* peer_gone_;
  std::atomic<uint32_t>* out_ = nullptr;
  std::atomic<uint32_t>* in_ = nullptr;
  size_t slot_bytes_ = 0;
  std::byte* out_slots_ = nullptr;
  std::byte* in_slots_ = nullptr;
  std::vector<std::byte> own_;
  uint32_t sent_ = 0;
  uint32_t received_ = 0;
};

}  // namespace

RawConnection OpenRawLine(const RawShape& shape, const std::atomic<bool>* peer_gone) {
  SharedRegion region = SharedRegion::Create("coresweep.line", RegionBytes(shape));
  new (region.data()) LineHead{};
  RawConnection connection;
  connection.worker_fds.push_back(Duplicate(region.fd()));
  connection.ours =
      std::make_unique<LineEnd>(std::move(region), shape, LineEnd::Side::kDispatcher, peer_gone);
  return connection;
}

std::unique_ptr<RawEnd> AttachRawLine(const RawShape& shape, UniqueFd fd,
                                      const std::atomic<bool>* peer_gone) {
  SharedRegion region =
      SharedRegion::Attach(std::move(fd), RegionBytes(shape), SharedRegion::Access::kReadWrite);
  return std::make_unique<LineEnd>(std::move(region), shape, LineEnd::Side::kWorker, peer_gone);
}

}  // namespace coresweep

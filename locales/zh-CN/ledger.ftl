error-not_checkpointed_yet = 这一笔学时还没有进入每日封存，请明天再下载证明。
action-ledger-checkpoint = 账目每日封存

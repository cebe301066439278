page-jobs = 后台任务
nav-jobs = 后台任务
action-job_retry = 重试后台任务
error-head_altered = 有记录链的末端校验不符，密钥没有更换。
error-keys_not_begun = 新密钥尚未启用，请在其启用一分钟后再试。

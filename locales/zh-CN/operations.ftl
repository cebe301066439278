page-jobs = 后台任务
nav-jobs = 后台任务
action-job_retry = 重试后台任务

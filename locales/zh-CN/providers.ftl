page-courses = 课程
error-signature_invalid = 请求签名不正确。
error-signature_expired = 请求签名的时间与平台相差超过 300 秒。
error-signature_replayed = 这个请求已经收到过。
error-ticket_gone = 进入凭证已失效，请回到管理平台重新点击“进入学习”。
error-provider_exists = 这个培训机构已经登记。
field-too_many_items = 一次最多提交 500 条

brand-hub = 学时 · 湖南省事业单位工作人员培训管理平台
brand-provider = { $name } · 事业单位工作人员网络培训
demo-notice = 演示系统：人员、证书均为虚构，不作证明使用
demo-new-admin = 新任管理员
demo-first-steps = 首次登录：用一次性密码走一遍密码升级和手机绑定
demo-ready = 学时演示已就绪：{ $url }
demo-accounts = 账号（账号、密码、说明）：
demo-try = 先试试：
      1. 用 newadmin 首次登录；短信验证码写在 { $outbox } 的最后一行。
      2. 用王芳的账号看 2023 年度、学时明细和合格证书，扫码或输入编号核验。
      3. 用张伟的账号进入任一平台，学完一门免费课程，几秒后在 2026 年度看到学时。
      4. 用 admin 查看{ $college }的名册、导入名册、登记集中培训。
    按 Ctrl-C 停止；再次启动会保留数据，make demo-reset 重新开始。
demo-card-office = 组织人事部
demo-card-names = 陈老师
demo-secondment-who = 杨帆
demo-secondment-title = 职业教育处科员（借调）
demo-concurrent-who = 刘洋
demo-concurrent-title = 外语系兼职教师
demo-leave-reason = 年休假
demo-card-hours = 工作日 8:30—17:30

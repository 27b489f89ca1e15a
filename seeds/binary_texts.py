"""The text of the Word, Excel and PDF samples."""

from __future__ import annotations

Block = str | list[list[str]]

HANDBOOK: list[Block] = [
    "2025年版，自2025年1月1日起施行",
    "# 一、公司简介",
    "竹韵家居有限公司创办于2003年，厂区在云岭县开发区竹海路66号，现有员工486人，主要生产竹地板、竹桌椅和竹制厨具。"
    "产品六成内销，四成出口到21个国家。",
    "# 二、入职和试用",
    "新员工报到时应当交验身份证、学历证书、近三个月内的体检报告和与原单位解除劳动关系的证明。公司在报到之日起一个月内签订书面劳动合同。",
    "首次劳动合同期限为三年，试用期三个月，试用期工资为转正工资的85%。表现突出的，由部门负责人提议，可以提前转正，但试用期不得少于一个月。",
    "每位新员工由一名老员工带教，带教期两个月，带教人每月领取300元带教津贴。",
    "# 三、工作时间",
    "办公室人员每周工作五天，上午8时30分至12时，下午1时至5时30分。车间实行两班制，早班7时至15时30分，晚班15时30分至24时，每两周轮换一次。",
    "迟到或者早退30分钟以内，每月前两次不扣款，从第三次起每次扣20元；超过30分钟的按事假半天计算。忘记打卡的，当月可以补签3次。",
    "# 四、工资和津贴",
    "工资于每月10日发放，遇节假日提前。工资条通过办公系统发送，有疑问的在5日内向人力资源部提出。",
    "各职级的津贴和体检标准如下：",
    [
        ["职级", "通信补贴（元/月）", "工龄工资（元/年）", "年度体检标准（元）"],
        ["总监及以上", "300", "100", "1500"],
        ["经理", "200", "80", "1000"],
        ["主管", "120", "60", "700"],
        ["员工", "50", "50", "500"],
    ],
    "晚班津贴每班25元，高温津贴6月至9月每月300元。连续三年考核优秀的员工，基本工资上调一级。",
    "# 五、考核和晋升",
    "考核每半年进行一次，分为优秀、良好、合格、不合格四档，优秀的比例不超过20%。连续两次不合格的，调整岗位或者安排为期一个月的脱产培训。",
    "主管以上岗位出现空缺时，先在公司内部公开竞聘10天，没有合适人选再对外招聘。",
    "# 六、安全和纪律",
    "进入车间必须穿劳保鞋、戴护目镜，长发要盘进帽子。厂区除西门外的吸烟亭以外一律禁烟，违者第一次罚200元，第二次调离岗位。",
    "锯片、刨刀的更换必须先断电、挂牌，并有两人在场。发现设备异常应当立即按下急停按钮，报告班组长和保卫科，保卫科分机8110。",
    "员工不得把客户图纸、报价和配方带出公司。离职后两年内对上述内容仍负有保密责任。",
    "# 七、食宿和交通",
    "食堂提供三餐，公司每餐补贴9元，员工自付早餐2元、午餐和晚餐各5元。外地员工可以申请宿舍，四人一间，每月收水电费60元。",
    "厂车有3条线路，早上7时50分到厂，晚上5时45分发车。自己开车的员工凭车证停放在北区停车场。",
    "# 八、离职",
    "员工离职应当提前三十天书面提出，试用期内提前三天。办完交接后，公司在十五日内转移社会保险关系，并出具离职证明。",
    "# 九、意见和申诉",
    "对管理有意见的，可以投入办公楼一楼的总经理信箱，也可以写邮件到advice@zhuyun.example。总经理办公室每周一开箱，七个工作日内给予答复，匿名信同样受理。",
]

MINUTES: list[Block] = [
    "Zhuyun Home Furnishings, meeting room 3, 22 April 2025, 14:00 to 15:40",
    "Present: Bai Jingshan (chair), Lena Hofer (export), Chu Liangcai (finance), Gong Xuesong (purchasing), Wen "
    "Ruyu (quality), "
    "Meng Shuyao (minutes). Apologies: Geng Dayong.",
    "# 1. Minutes of the last meeting",
    "The minutes of 18 March were approved with one correction: the order from Nordhus covers 1,200 tables, not 1,020.",
    "# 2. Orders for the autumn",
    "Lena Hofer reported orders worth 3.4 million euros for delivery between August and October, 22 percent "
    "more than last year. "
    "The largest customer is Nordhus of Copenhagen with 41 percent of the total. She warned that a single "
    "customer should not exceed one "
    "third and proposed to visit retailers in Poland in June.",
    "Decision: the trip to Poland is approved with a budget of 9,500 euros.",
    "# 3. Container freight",
    "Freight for a forty-foot container to Hamburg has risen from 2,900 to 4,150 dollars since January. Chu "
    "Liangcai calculated that the "
    "rise costs 0.8 points of margin. Rail takes 19 days instead of 38 but costs 5,600 dollars.",
    "Decision: folding stools travel by rail until the end of September, everything else by sea.",
    "# 4. Quality complaints",
    "Wen Ruyu presented 37 complaints from the first quarter. Twenty-three of them concern cracks in chopping "
    "boards, traced to bamboo that "
    "was dried to below six percent moisture. The kiln programme was changed on 2 April and no new cracks have "
    "been reported since.",
    "Decision: buyers of the affected batch, number B2411, receive a free replacement.",
    "# 5. Actions",
    [
        ["Action", "Owner", "Due"],
        ["Book stand at the Poznan fair", "Lena Hofer", "30 April"],
        ["Compare three freight insurers", "Chu Liangcai", "9 May"],
        ["Second supplier for cartons", "Gong Xuesong", "16 May"],
        ["Letter to buyers of batch B2411", "Wen Ruyu", "25 April"],
    ],
    "# 6. Next meeting",
    "The next meeting is on 20 May at 14:00 in the training room, because meeting room 3 will be repainted.",
]

PRICES: list[list[str | float]] = [
    ["货号", "名称", "规格", "零售价（元）", "经销价（元）", "起订量"],
    ["ZY-101", "碳化竹地板", "960×96×15毫米", 168, 126, "50平方米"],
    ["ZY-102", "本色竹地板", "960×96×15毫米", 158, 118, "50平方米"],
    ["ZY-205", "折叠竹凳", "坐高45厘米", 239, 172, "20张"],
    ["ZY-210", "竹编茶桌", "120×60×38厘米", 1280, 920, "2张"],
    ["ZY-218", "儿童学习椅", "坐高可调30至46厘米", 369, 265, "10把"],
    ["ZY-301", "整竹砧板", "40×28×2厘米", 59, 38, "100块"],
    ["ZY-306", "竹制蒸笼", "直径27厘米，两层", 88, 61, "50套"],
    ["ZY-312", "筷子礼盒", "十双装", 45, 29, "200盒"],
    ["ZY-405", "竹纤维毛巾", "34×75厘米", 22, 13.5, "500条"],
    ["ZY-410", "竹炭包", "200克", 16, 9.8, "500个"],
]

STOCK: list[list[str | float]] = [
    ["货号", "名称", "仓库", "现存数量", "安全库存", "备注"],
    ["ZY-101", "碳化竹地板", "一号库", 3460, 2000, "单位为平方米"],
    ["ZY-102", "本色竹地板", "一号库", 1725, 2000, "低于安全库存，7月15日补货"],
    ["ZY-205", "折叠竹凳", "二号库", 642, 300, "出口包装另存"],
    ["ZY-210", "竹编茶桌", "二号库", 37, 20, ""],
    ["ZY-218", "儿童学习椅", "二号库", 0, 60, "停产改款，8月恢复供应"],
    ["ZY-301", "整竹砧板", "三号库", 8150, 3000, "批次B2411已封存"],
    ["ZY-306", "竹制蒸笼", "三号库", 1290, 800, ""],
    ["ZY-312", "筷子礼盒", "三号库", 5400, 4000, "中秋备货"],
    ["ZY-405", "竹纤维毛巾", "外租仓", 11600, 6000, "外租仓租约9月到期"],
    ["ZY-410", "竹炭包", "外租仓", 9800, 5000, ""],
]

WATER_REPORT: list[Block] = [
    "云岭县水利局　2025年3月22日",
    "# 一、综述",
    "2024年，全县平均降水量1583毫米，比多年平均值多6.4%，属平水偏丰年。全年水资源总量14.72亿立方米，人均3460立方米。",
    "全县用水总量1.96亿立方米，比上年减少520万立方米。万元地区生产总值用水量48.7立方米，下降5.1%。",
    "# 二、降水",
    "降水的时间分布很不均匀，5月至7月的降水占全年的52%，10月只有21毫米，是1998年以来同期最少的一年。",
    "空间上南多北少，龙坪乡岭头雨量站年降水2106毫米，为全县最大；青澜镇雨量站1297毫米，为全县最小。",
    "最大一日降水出现在6月27日，岭头站当日降水193毫米，石桥站168毫米。",
    "# 三、蓄水",
    "全县有中型水库1座、小型水库26座。年末蓄水总量7840万立方米，比年初增加310万立方米，其中青澜水库5265万立方米。",
    "青澜水库建成于1978年，总库容9120万立方米，正常蓄水位88米，承担着县城和青澜镇11.3万人的供水。"
    "水库除险加固工程于2024年10月动工，概算投资1.27亿元，工期26个月。",
    "# 四、供水和用水",
    "各行业的用水情况见下表，单位为万立方米。",
    [
        ["用水类别", "2023年", "2024年", "增减"],
        ["农田灌溉", "11240", "10690", "-4.9%"],
        ["工业", "3610", "3480", "-3.6%"],
        ["城乡生活", "3870", "3980", "2.8%"],
        ["生态环境", "1400", "1450", "3.6%"],
    ],
    "农田灌溉水有效利用系数提高到0.617。全年新增高效节水灌溉面积4600亩，主要分布在石桥镇和青澜镇的茶园、果园。",
    "工业用水的重复利用率为91.2%，用水最多的行业是造纸，占工业用水的27%。县造纸厂完成中水回用改造以后，每天少取河水1800立方米。",
    "城区供水管网漏损率由9.8%降到8.3%，全年更换老旧管道37公里，安装智能水表2.6万只。",
    "# 五、水质",
    "全县监测河段长度214公里，水质达到或者优于Ⅲ类的占97.2%，比上年提高1.4个百分点。劣于Ⅲ类的是石桥溪下游6公里河段，主要超标项目为总磷。",
    "青澜水库全年12次监测均为Ⅱ类水质，营养状态为中营养。8月中旬库湾出现过一次轻度蓝藻，持续9天后消退，没有影响供水。",
    "农村饮用水水质合格率为95.6%，不合格的项目主要是浑浊度，多出现在暴雨之后的单村供水点。",
    "# 六、水事管理",
    "全年征收水资源费1268万元，办理取水许可43件，注销9件。查处水事违法案件17件，其中非法采砂5件，罚款合计46万元。",
    "县、乡、村三级河长全年巡河3.8万次，发现问题2145个，整改2109个。民间护河队伍有志愿者680人，队长由退休教师杭念慈担任。",
    "# 七、2025年的工作",
    "2025年计划投入水利资金3.1亿元，完成8座病险山塘整治，新建城乡供水一体化管网62公里，让最后4个单村供水的行政村接上县城水厂。",
    "石桥溪下游的总磷治理列为今年的重点，计划新建人工湿地120亩，关停沿岸养殖场3家，年底前水质达到Ⅲ类。",
]

SURVEY: list[Block] = [
    "Yunling County Office of Culture and Tourism, January 2025",
    "# 1. How the survey was made",
    "Between April and November 2024 our interviewers spoke with 2,316 visitors at nine places: the cable car "
    "station, Lake Qinglan, "
    "Shiqiao old street, the railway station and five guest houses. Each interview took about eight minutes. "
    "One visitor in six answered "
    "in a language other than Chinese. The margin of error is two percentage points.",
    "# 2. Who comes",
    "Fifty-eight percent of the visitors live less than three hours away. Families with children make up 37 "
    "percent, couples 26 percent "
    "and groups of friends 21 percent. The average age is 39. Only 4 percent came from abroad, most of them "
    "from Korea and Germany.",
    "# 3. How they travel",
    "Private cars brought 64 percent of the guests and trains 23 percent. The high-speed railway, opened in "
    "December 2022, has doubled the "
    "share of the train within two years. Two thirds of those who came by car said that parking was the worst "
    "part of the trip.",
    "# 4. How long they stay and what they spend",
    "The average stay was 1.7 nights. A visitor spent 612 yuan a day, of which lodging took 38 percent, meals "
    "29 percent, tickets 14 percent "
    "and shopping 19 percent. Tea is the favourite souvenir; it was bought by 46 percent of all visitors.",
    [
        ["Place", "Visitors who went there", "Satisfied"],
        ["Cloud Meadow", "71%", "83%"],
        ["Lake Qinglan", "64%", "91%"],
        ["Shiqiao old street", "59%", "76%"],
        ["Deer Valley", "27%", "94%"],
        ["Tea museum", "12%", "88%"],
    ],
    "# 5. What they liked and disliked",
    "Clean air was named most often as the best thing about Yunling, by 62 percent, followed by the food with "
    "41 percent. The longest list of "
    "complaints concerns queues at the cable car: on peak days the wait was 95 minutes. Toilets came second and "
    "mobile reception third.",
    "Visitors who slept in a guest house were happier than those in hotels: 92 percent would recommend their "
    "host, against 78 percent for hotels. "
    "Several guests asked for menus in English, which only eleven restaurants offer at present.",
    "# 6. What we recommend",
    "First, sell timed tickets for the cable car, so that nobody waits longer than 30 minutes. Second, run a "
    "shuttle bus every 15 minutes between "
    "the railway station and Lake Qinglan. Third, train 60 guest house owners in basic English before the "
    "autumn of 2025. Fourth, keep the tea "
    "museum open until 20:00 in the summer months.",
    "The four measures cost about 7.8 million yuan. The survey will be repeated in 2026. Questions may be sent "
    "to survey@yunling.example.",
]
